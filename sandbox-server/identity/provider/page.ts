/** The frame of every page of the development provider: the product's look, light and dark, without a script. */
import { createHash } from 'node:crypto';
import { html, Html } from './html.ts';

const STYLE = `
:root{color-scheme:light dark;--paper:#fbfaf7;--sheet:#fff;--ink:#16202e;--soft:#5a6676;--line:#e4e1da;--tint:#f3f0e9;--accent:#1f56c4;--on-accent:#fff;--accent-soft:#e5edfb;--wait:#7a5200;--wait-soft:#fbf0d8;--bad:#b3261e;--focus:#1f56c4}
@media (prefers-color-scheme:dark){:root{--paper:#10161f;--sheet:#161e29;--ink:#e8ecf2;--soft:#9aa7b8;--line:#263242;--tint:#1b2532;--accent:#8fb6ff;--on-accent:#0b1526;--accent-soft:#1c2c4a;--wait:#e6b450;--wait-soft:#3a2d10;--bad:#ff7b72;--focus:#8fb6ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15.5px/1.6 "Inter Variable","Inter",system-ui,sans-serif;min-height:100vh;display:flex;flex-direction:column}
header{display:flex;align-items:center;gap:10px;padding:16px clamp(20px,4vw,48px);font-size:18px}
main{width:min(31rem,100% - 32px);margin:clamp(8px,4vh,56px) auto 48px}
h1{font-size:30px;font-weight:720;line-height:1.2;letter-spacing:-.015em;margin:0 0 6px}
h2{font-size:16.5px;line-height:1.3;margin:26px 0 10px}
p{margin:0 0 14px;color:var(--soft)}
.note{background:var(--wait-soft);color:var(--wait);border-radius:10px;padding:10px 14px;font-size:14px;margin:16px 0 22px}
.note b{font-weight:650}
.error{border:1px solid var(--bad);color:var(--bad);border-radius:10px;padding:10px 14px;margin:0 0 16px}
form{display:grid;gap:10px;margin:0}
button,.button{font:inherit;cursor:pointer;text-decoration:none;display:inline-block}
.persona{display:grid;grid-template-columns:40px 1fr;gap:2px 14px;align-items:center;text-align:left;width:100%;background:var(--sheet);color:var(--ink);border:1px solid var(--line);border-radius:12px;padding:12px 16px}
.persona:hover{border-color:var(--accent);background:var(--accent-soft)}
.persona i{grid-row:1/3;width:40px;height:40px;border-radius:50%;background:var(--tint);display:grid;place-items:center;font-style:normal;font-weight:650;font-size:14px}
.persona b{font-weight:650;font-size:16px;line-height:1.3}
.persona span{color:var(--soft);font-size:14px;line-height:1.4}
.go{border:1px solid var(--accent);background:var(--accent);color:var(--on-accent);border-radius:10px;padding:10px 20px;font-weight:650;justify-self:start}
.ghost{border:1px solid var(--line);background:transparent;color:var(--ink);border-radius:10px;padding:10px 18px}
.row{display:flex;gap:10px;flex-wrap:wrap}
label{display:grid;gap:4px;font-weight:550}
label span{font-weight:400;color:var(--soft);font-size:14px}
input[type=text]{font:inherit;color:var(--ink);background:var(--sheet);border:1px solid var(--soft);border-radius:8px;padding:9px 12px;width:100%}
input[aria-invalid=true]{border-color:var(--bad)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
code{font-family:"JetBrains Mono Variable","JetBrains Mono",ui-monospace,monospace;font-size:.92em}
.code{font-size:26px;letter-spacing:.12em;margin:0 0 16px;color:var(--ink)}
ul{margin:0 0 18px;padding-left:22px}
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const BARS = html`<svg width="26" height="26" viewBox="0 0 24 24" aria-hidden="true">
  <g fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round">
    <path d="M6 2v20M18 2v20M6 6h12M6 16.6h12M6 21h12" />
    <path d="M6 11.3h12" stroke="var(--accent)" stroke-width="3.2" />
  </g>
</svg>`;

export function page(title: string, content: Html): string {
  const style = new Html(`<style>${STYLE}</style>`);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · Palestra</title>
        ${style}
      </head>
      <body>
        <header>${BARS}<b>Palestra</b></header>
        <main>${content}</main>
      </body>
    </html>`.text;
}

/** Headers of each page. @param formTargets origins a form's redirects may end at: Chromium holds form-action to them too */
export function pageHeaders(formTargets: readonly string[] = []): Record<string, string> {
  const targets = ["'self'", ...formTargets].join(' ');
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}
