/** JSON log lines as short lines for a person at a terminal: `10:02:50 warn  lab ready lab=abc`. */
import type { DestinationStream } from 'pino';

const OWN = new Set(['level', 'time', 'msg', 'err']);

export function linesForPeople(to: DestinationStream): DestinationStream {
  return { write: (line: string) => to.write(`${lineForPeople(line)}\n`) };
}

/** @param line one JSON line as pino writes it; anything else is passed on as it is. */
export function lineForPeople(line: string): string {
  const entry = parse(line);
  if (entry === null) return line.trimEnd();
  const fields = Object.entries(entry).filter(([key]) => !OWN.has(key));
  const words = fields.map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const head = [clock(entry['time']), text(entry['level']).padEnd(5), text(entry['msg']), ...words].join(' ');
  return [head, ...errorLines(entry['err'])].join('\n');
}

function errorLines(err: unknown): string[] {
  if (typeof err !== 'object' || err === null || !('stack' in err)) return [];
  // the stack was escaped with everything else; its line ends are ours to give back
  return text(err.stack)
    .split('\\x0a')
    .map((line) => `  ${line}`);
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function clock(time: unknown): string {
  return text(time).slice(11, 19);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
