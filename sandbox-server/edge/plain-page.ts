/** A page that needs no build: where the site is not there yet, or a person stands at an address of the server's own. */
import type { FastifyReply } from 'fastify';

export interface WayOn {
  readonly href: string;
  readonly text: string;
}

export function page(
  reply: FastifyReply,
  status: number,
  title: string,
  text: string,
  way: WayOn,
  again?: number,
): FastifyReply {
  if (again !== undefined) void reply.header('retry-after', String(again));
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    )
    .send(htmlOf(title, text, way, again));
}

function htmlOf(title: string, text: string, way: WayOn, again: number | undefined): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${again === undefined ? '' : `<meta http-equiv="refresh" content="${again}">\n`}<title>${escaped(title)} · Palestra</title>
<style>
:root { color-scheme: light dark; font: 17px/1.55 system-ui, sans-serif; }
body { max-width: 34rem; margin: 18vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
</style>
</head>
<body><main><h1>${escaped(title)}</h1><p>${escaped(text)}</p><p><a href="${escaped(way.href)}">${escaped(way.text)}</a></p></main></body>
</html>
`;
}

function escaped(text: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? '');
}
