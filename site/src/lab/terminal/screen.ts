/** xterm as the `Screen` of a session: how it looks, and what it must not do for a program. */
import { Terminal } from '@xterm/xterm';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { followTheme } from '../layout/theme.ts';
import { clipboardRequest } from './clipboard.ts';
import { onKey, STAYING } from './leaving.ts';
import { openLink } from './links.ts';
import type { Screen } from './session.ts';
import { say } from '../words/terminal.ts';

export interface XtermScreen extends Screen, Disposable {
  /** the columns and rows that fit the host now; nothing while it is hidden */
  fit(): void;
  focus(): void;
  find(words: string, forward: boolean): boolean;
  clearFind(): void;
  selection(): string;
  setScreenReader(on: boolean): void;
}

export interface ScreenOptions {
  readonly host: HTMLElement;
  readonly name: string;
  readonly screenReader: boolean;
  readonly onData: (data: string) => void;
  readonly onBinary: (data: Uint8Array) => void;
  readonly onResize: () => void;
  /** whether a shell waits at its prompt */
  readonly isIdle: () => boolean;
  /** a program asks to fill the clipboard */
  readonly onClipboard: (text: string) => void;
}

const FONT_SIZE = 13.5;

/** Opens in the host at once; the caller disposes. */
export function createScreen(options: ScreenOptions): XtermScreen {
  const xterm = new Terminal({
    allowProposedApi: true,
    fontFamily: getComputedStyle(options.host).getPropertyValue('--mono') || 'monospace',
    fontSize: FONT_SIZE,
    lineHeight: 1.3,
    cursorBlink: false,
    scrollback: 10_000,
    screenReaderMode: options.screenReader,
    minimumContrastRatio: 4.5,
    linkHandler: { activate: (_, uri) => openLink(uri), allowNonHttpProtocols: false },
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  xterm.loadAddon(fit);
  xterm.loadAddon(search);
  xterm.loadAddon(new UnicodeGraphemesAddon());
  xterm.loadAddon(new WebLinksAddon((_, uri) => openLink(uri)));
  const theme = followTheme((tokens) => {
    const background = tokens.getPropertyValue('--term').trim();
    xterm.options.theme = { ...THEME, background, cursorAccent: background };
  });
  xterm.open(options.host);
  xterm.textarea?.setAttribute('aria-label', say('{0}: type here. Esc, then Tab leaves.', options.name));
  guard(xterm, options.onClipboard);
  listenToKeys(xterm, options);
  xterm.onData(options.onData);
  xterm.onBinary((data) => options.onBinary(Uint8Array.from(data, (char) => char.charCodeAt(0))));
  xterm.onResize(options.onResize);

  return {
    write: (bytes, drawn) => xterm.write(bytes, drawn),
    size: () => ({ cols: Math.max(2, xterm.cols), rows: Math.max(1, xterm.rows) }),
    resize: ({ cols, rows }) => xterm.resize(cols, rows),
    note: (text) => xterm.write(`\r\n\x1b[0;2;3m${text}\x1b[0m\r\n`),
    fit: () => {
      if (options.host.offsetWidth > 0 && options.host.offsetHeight > 0) fit.fit();
    },
    focus: () => xterm.focus(),
    find: (words, forward) => (forward ? search.findNext(words) : search.findPrevious(words)),
    clearFind: () => search.clearDecorations(),
    selection: () => xterm.getSelection(),
    setScreenReader: (on) => {
      xterm.options.screenReaderMode = on;
    },
    [Symbol.dispose]: () => (theme[Symbol.dispose](), xterm.dispose()),
  };
}

/** T61: the clipboard only by consent. T63: a program learns no setting of the terminal by asking (DECRQSS). */
function guard(xterm: Terminal, onClipboard: (text: string) => void): void {
  xterm.parser.registerOscHandler(52, (payload) => {
    const request = clipboardRequest(payload);
    if (request.ask === 'write') onClipboard(request.text);
    return true;
  });
  xterm.parser.registerDcsHandler({ intermediates: '$', final: 'q' }, () => true);
  // leaving an alternate screen that nobody is in restores a cursor that nobody saved: to the top left, over the text
  xterm.parser.registerCsiHandler(
    { prefix: '?', final: 'l' },
    ([mode, ...more]) => mode === 1049 && more.length === 0 && xterm.buffer.active.type === 'normal',
  );
}

function listenToKeys(xterm: Terminal, { isIdle, onData }: ScreenOptions): void {
  let state = STAYING;
  xterm.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true;
    if (event.ctrlKey && event.shiftKey && event.code === 'KeyC' && xterm.hasSelection()) {
      event.preventDefault();
      void navigator.clipboard.writeText(xterm.getSelection());
      return false;
    }
    const { state: next, act } = onKey(state, event, Date.now(), isIdle());
    state = next;
    if (act === 'release') onData('\x1b');
    return act === 'pass' || act === 'release';
  });
}

/** The terminal is always dark: `--term` of the look and colours that read on it. */
const THEME = {
  foreground: '#dbe3ee',
  cursor: '#dbe3ee',
  selectionBackground: '#35507e',
  black: '#1f2a3b',
  red: '#ff8a80',
  green: '#7bd88f',
  yellow: '#e6b450',
  blue: '#7fb0ff',
  magenta: '#d3a6ff',
  cyan: '#76d9e6',
  white: '#dbe3ee',
  brightBlack: '#8d9bb0',
  brightRed: '#ffaba3',
  brightGreen: '#a3e6b1',
  brightYellow: '#f2cd80',
  brightBlue: '#a9caff',
  brightMagenta: '#e3c6ff',
  brightCyan: '#a6e8f1',
  brightWhite: '#ffffff',
};
