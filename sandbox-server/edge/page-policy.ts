/**
 * The Content-Security-Policy of each page: as a header, with the hashes of just the inline scripts that
 * the built page holds (Astro's own option breaks Starlight). Computed when a page is first asked for.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** @param portal the site's address: previews are framed from below it. @param scripts `'sha256-…'` sources */
export function pagePolicy(portal: URL, scripts: readonly string[]): string {
  return [
    "default-src 'self'",
    // Pagefind searches in WebAssembly
    ["script-src 'self' 'wasm-unsafe-eval'", ...scripts].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self' ${portal.protocol === 'https:' ? 'wss' : 'ws'}://${portal.host}`,
    "worker-src 'self' blob:",
    `frame-src ${portal.protocol}//*.${portal.host}`,
    "frame-ancestors 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
  ].join('; ');
}

/** Sources of the inline scripts in a page of our own build, in order, each once. */
export function inlineScripts(html: string): readonly string[] {
  const found = new Set<string>();
  for (const [, attributes = '', body = ''] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)) {
    if (/\ssrc\s*=/i.test(attributes) || body === '') continue;
    found.add(`'sha256-${createHash('sha256').update(body).digest('base64')}'`);
  }
  return [...found];
}

export interface PagePolicies {
  /** @param file a page's HTML, or its compressed twin: the policy is the same */
  policyOf(file: string): string;
}

export function createPagePolicies(portal: () => URL): PagePolicies {
  const known = new Map<string, { readonly mtime: number; readonly policy: string }>();
  return {
    policyOf(file) {
      const page = file.replace(/\.(?:br|gz)$/, '');
      const mtime = statSync(page).mtimeMs;
      const before = known.get(page);
      if (before?.mtime === mtime) return before.policy;
      const policy = pagePolicy(portal(), inlineScripts(readFileSync(page, 'utf8')));
      known.set(page, { mtime, policy });
      return policy;
    },
  };
}
