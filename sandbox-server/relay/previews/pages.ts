/** The few pages a preview's origin serves by itself: complete in themselves, no script, nothing of the portal's. */
import type { ServerResponse } from 'node:http';
import type { PreviewPlace } from './address.ts';
import { frameAncestors } from './headers.ts';

interface Said {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  /** seconds after which the page asks again */
  readonly again?: number;
}

export const CLOSED: Said = {
  status: 403,
  title: 'This preview is closed',
  text: 'Previews are opened from the lesson: go back to its page and open the preview there again. Signed out? Sign in first.',
};
export const NOT_RUNNING: Said = {
  status: 404,
  title: 'This sandbox is not running',
  text: 'The lab was paused or ended. Resume it on the lesson’s page, start your program, then open the preview again.',
};
export const TOO_MANY: Said = {
  status: 429,
  title: 'Too many connections',
  text: 'This preview has more connections open than one page needs. Close some of its tabs; the page then loads by itself.',
  again: 5,
};
export const RESTARTING: Said = {
  status: 503,
  title: 'The server restarts',
  text: 'Your program runs on. This page loads by itself in a moment.',
  again: 2,
};
export function nothingListens(port: number): Said {
  return {
    status: 502,
    title: `Nothing answers on port ${port} yet`,
    text: `As soon as a program in your sandbox listens on port ${port} of localhost, this page shows it. It looks every 2 seconds.`,
    again: 2,
  };
}

/** Answer with a page; to a program that asked for no page, with its text. */
export function say(
  response: ServerResponse,
  said: Said,
  place: PreviewPlace,
  accept: string | undefined,
): void {
  const page = accept?.includes('text/html') === true;
  const body = page ? pageOf(said) : `${said.title}. ${said.text}\n`;
  if (said.again !== undefined) response.setHeader('retry-after', said.again);
  response.writeHead(said.status, {
    'content-type': `text/${page ? 'html' : 'plain'}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; ${frameAncestors(place)}`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

function pageOf({ title, text, again }: Said): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${again === undefined ? '' : `<meta http-equiv="refresh" content="${again}">\n`}<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 32rem; margin: 18vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
p { margin: 0; opacity: .8; }
</style>
</head>
<body><main role="status"><h1>${title}</h1><p>${text}</p></main></body>
</html>
`;
}
