/**
 * Reads shell-integration marks (OSC 133 and 633) and a few modes out of a pty's stream. It only looks: the log keeps
 * every byte. Sequences may be torn anywhere and never end; at most `LONGEST` bytes of one are kept (T64).
 */
export type Mark =
  | { readonly type: 'prompt-start' }
  /** the prompt stands and the line editor waits; `python`: it is Python's */
  | { readonly type: 'prompt-end'; readonly repl?: 'python' }
  /** what was typed, as the shell's history has it */
  | { readonly type: 'line'; readonly line: string }
  /** a command begins; `status` is what the one before it in the same line left */
  | { readonly type: 'begin'; readonly status: number }
  | { readonly type: 'end'; readonly status: number }
  | { readonly type: 'mode'; readonly mode: 'paste' | 'screen'; readonly on: boolean };

/** a line of 4,096 characters, each escaped or of four bytes, with room to spare */
const LONGEST = 20_000;
const ESC = 0x1b;
const BEL = 0x07;

export interface MarkReader {
  /** @param at absolute offset of the chunk's first byte; `found` gets the offset after the mark's last byte */
  feed(chunk: Buffer, at: number, found: (mark: Mark, offset: number) => void): void;
}

type State = 'text' | 'escape' | 'osc' | 'csi';

/** @param nonce marks without it are a program's own doing and are not believed */
export function createMarkReader(nonce: string): MarkReader {
  let state: State = 'text';
  let kept: number[] = [];
  let escaped = false;

  const finish = (mark: Mark | null, offset: number, found: (mark: Mark, offset: number) => void): void => {
    state = 'text';
    kept = [];
    escaped = false;
    if (mark !== null) found(mark, offset);
  };

  return {
    feed(chunk, at, found) {
      for (let i = 0; i < chunk.length; i += 1) {
        if (state === 'text') {
          i = chunk.indexOf(ESC, i);
          if (i === -1) return;
          state = 'escape';
          continue;
        }
        const byte = chunk[i] ?? 0;
        const after = at + i + 1;
        if (state === 'escape') {
          state = byte === 0x5d ? 'osc' : byte === 0x5b ? 'csi' : byte === ESC ? 'escape' : 'text';
          kept = [];
        } else if (state === 'csi') {
          if (byte >= 0x40 && byte <= 0x7e) finish(modeOf(kept, byte), after, found);
          else if (byte === ESC) state = 'escape';
          else if (kept.length < 32) kept.push(byte);
          else state = 'text';
        } else if (escaped) {
          // ESC inside an OSC: `ESC \` ends it, anything else begins a new sequence and abandons this one
          if (byte === 0x5c) finish(markOf(kept, nonce), after, found);
          else {
            escaped = false;
            state = byte === 0x5d ? 'osc' : byte === 0x5b ? 'csi' : byte === ESC ? 'escape' : 'text';
            kept = [];
          }
        } else if (byte === BEL) finish(markOf(kept, nonce), after, found);
        else if (byte === ESC) escaped = true;
        else if (byte === 0x18 || byte === 0x1a) finish(null, after, found);
        else if (kept.length < LONGEST) kept.push(byte);
        else finish(null, after, found);
      }
    },
  };
}

function modeOf(kept: readonly number[], final: number): Mark | null {
  if (final !== 0x68 && final !== 0x6c) return null;
  const numbers = String.fromCharCode(...kept);
  const on = final === 0x68;
  if (numbers === '?2004') return { type: 'mode', mode: 'paste', on };
  if (numbers === '?1049' || numbers === '?1047' || numbers === '?47')
    return { type: 'mode', mode: 'screen', on };
  return null;
}

function markOf(kept: readonly number[], nonce: string): Mark | null {
  if (kept.length < 6) return null;
  const text = Buffer.from(kept).toString('utf8');
  const parts = text.split(';');
  if (parts.at(-1) !== nonce) return null;
  if (parts[0] === '633' && parts[1] === 'E')
    return { type: 'line', line: unescapeLine(parts.slice(2, -1).join(';')) };
  if (parts[0] !== '133') return null;
  const status = Number.parseInt(parts[2] ?? '', 10);
  switch (parts[1]) {
    case 'A':
      return { type: 'prompt-start' };
    case 'B':
      return parts[2] === 'python' ? { type: 'prompt-end', repl: 'python' } : { type: 'prompt-end' };
    case 'C':
      return { type: 'begin', status: Number.isNaN(status) ? 0 : status };
    case 'D':
      return { type: 'end', status: Number.isNaN(status) ? 0 : status };
    default:
      return null;
  }
}

/** `\xHH` as the rc file writes control characters, `;` and the backslash itself. */
function unescapeLine(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|\\)/g, (_, hex: string | undefined) =>
    hex === undefined ? '\\' : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
