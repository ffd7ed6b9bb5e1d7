import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPagePolicies, inlineScripts, pagePolicy } from './page-policy.ts';

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('inline scripts', () => {
  it('are found with and without attributes, over lines, each once', () => {
    const html = `<head><script>a()</script><script type="module">\nb()\n</script><SCRIPT is:inline data-x='1'>c()</SCRIPT><script>a()</script></head>`;
    expect(inlineScripts(html)).toEqual([hash('a()'), hash('\nb()\n'), hash('c()')]);
  });
  it('are not those with a source, nor empty ones', () => {
    expect(
      inlineScripts('<script src="/x.js"></script><script type="module" src=y></script><script></script>'),
    ).toEqual([]);
  });
});

describe('a page’s policy', () => {
  const policy = pagePolicy(new URL('http://localhost:4747'), [hash('a()')]);
  it('allows its own inline scripts by hash and no others', () => {
    expect(policy).toContain(`script-src 'self' 'wasm-unsafe-eval' ${hash('a()')};`);
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
  });
  it('frames previews, is framed by itself, and speaks to its own server', () => {
    expect(policy).toContain('frame-src http://*.localhost:4747;');
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).toContain("connect-src 'self' ws://localhost:4747;");
    expect(pagePolicy(new URL('https://x.org'), [])).toContain("connect-src 'self' wss://x.org;");
  });
});

it('is computed once a page, again when the page was rebuilt, and is the compressed twin’s too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'palestra-policy-'));
  const page = join(folder, 'index.html');
  const policies = createPagePolicies(() => new URL('http://localhost:1'));
  writeFileSync(page, '<script>one()</script>');
  expect(policies.policyOf(`${page}.br`)).toContain(hash('one()'));
  writeFileSync(page, '<script>two()</script>');
  utimesSync(page, new Date(), new Date(Date.now() + 5000));
  expect(policies.policyOf(page)).toContain(hash('two()'));
  rmSync(folder, { recursive: true });
});
