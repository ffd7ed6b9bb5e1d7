/** The one way to log: pino, JSON lines or lines for a person; every field and text passes `redact.ts`. */
import { pino, type DestinationStream, type Logger } from 'pino';
import { linesForPeople } from './pretty.ts';
import { safeRecord, safeText } from './redact.ts';

export type Log = Logger;
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
export interface LogOptions {
  /** default `info` */
  readonly level?: Level;
  /** short lines for a terminal instead of JSON */
  readonly pretty?: boolean;
  /** default: standard error, so that a command's own output stays clean */
  readonly to?: DestinationStream;
}

/**
 * @example const log = createLog({ level: 'info', pretty: process.stderr.isTTY });
 * log.info({ lab: id }, 'lab ready');
 */
export function createLog(options: LogOptions = {}): Log {
  const to = options.to ?? pino.destination({ dest: 2, sync: true });
  const log = pino(
    {
      level: options.level ?? 'info',
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: safeRecord },
      // `err` is already plain data when pino's own serializers would see it
      serializers: { err: (plain: unknown) => plain },
      hooks: { logMethod: safeMessage },
    },
    options.pretty === true ? linesForPeople(to) : to,
  );
  return withSafeChildren(log);
}

/** pino gives a child's bindings to no formatter; its children inherit this method by prototype. */
function withSafeChildren(log: Logger): Logger {
  const original: unknown = Reflect.get(log, 'child');
  if (typeof original !== 'function') throw new TypeError('pino without child()');
  const child = function (this: Logger, bindings: object, options?: object): unknown {
    return Reflect.apply(original, this, [safeRecord(bindings), options]);
  };
  return Object.assign(log, { child });
}

/** A logger that says nothing: for tests, and where one must be given. */
export function silentLog(): Log {
  return createLog({ level: 'silent' });
}

/** Message and interpolated arguments are text of others as much as fields are. An Error given first becomes `err`. */
function safeMessage(this: Logger, args: unknown[], method: (this: Logger, ...args: never[]) => void): void {
  const [first, ...rest] = args;
  const said = rest.map((arg) => (typeof arg === 'string' ? safeText(arg) : arg));
  const head = first instanceof Error ? { err: first } : typeof first === 'string' ? safeText(first) : first;
  const message = first instanceof Error && said.length === 0 ? [safeText(first.message)] : said;
  method.apply(this, [head, ...message] as never[]);
}
