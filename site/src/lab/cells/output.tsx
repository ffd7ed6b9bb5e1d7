/** What a cell printed, raised or drew, under it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { followTheme } from '../layout/theme.ts';
import { say } from '../words/cells.ts';
import type { Shown } from './notebook.ts';

export function Output({ shown }: { shown: Shown }) {
  switch (shown.as) {
    case 'text':
      return shown.text === '' ? null : (
        <pre class={shown.bad ? 'bad' : ''} tabIndex={0}>
          {shown.text}
        </pre>
      );
    case 'error':
      return (
        <details class="lab-raised">
          <summary>{shown.line}</summary>
          <pre class="bad" tabIndex={0}>
            {shown.traceback}
          </pre>
        </details>
      );
    case 'picture':
      return (
        <img src={shown.address} alt={say('Picture that the cell drew: {0}', shown.words.slice(0, 200))} />
      );
    case 'html':
      return <Html html={shown.html} />;
  }
}

const TALLEST = 480;
const NEEDS_SCRIPT = /<script\b/i;

/**
 * Markup of a learner's program, where it can do nothing (T11): a frame without scripts, forms, pop-ups or a way out, and
 * nothing loaded from anywhere. Of the same origin only so that the page can ask how tall it is.
 */
function Html({ html }: { html: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [tall, setTall] = useState(40);
  const [colours, setColours] = useState('');
  useEffect(() => {
    const following = followTheme((tokens, dark) => setColours(styleOf(tokens, dark)));
    return () => following[Symbol.dispose]();
  }, []);
  const measure = (): void => {
    const height = frame.current?.contentDocument?.documentElement.scrollHeight ?? 0;
    setTall(Math.min(Math.max(height, 24), TALLEST));
  };
  return (
    <>
      <iframe
        ref={frame}
        title={say('Output of the cell')}
        sandbox="allow-same-origin"
        srcdoc={`<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"><style>${colours}</style><body>${html}`}
        style={`height:${String(tall)}px`}
        onLoad={measure}
      />
      {NEEDS_SCRIPT.test(html) && (
        <p class="lab-word">{say('Part of this output is a program: JupyterLab shows it.')}</p>
      )}
    </>
  );
}

function styleOf(tokens: CSSStyleDeclaration, dark: boolean): string {
  const of = (name: string): string => tokens.getPropertyValue(name);
  return `:root{color-scheme:${dark ? 'dark' : 'light'}}body{margin:0;font:13px/1.5 system-ui,sans-serif;color:${of('--ink')};background:${of('--sheet')}}table{border:0;border-collapse:collapse;font-size:12.5px}th,td{padding:3px 10px;text-align:right;border:0;border-bottom:1px solid ${of('--line')}}th{color:${of('--soft')};font-weight:600}a{color:${of('--accent')}}`;
}
