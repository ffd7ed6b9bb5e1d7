/** Logs: what every room may import. */
export { createLog, silentLog, LEVELS, type Level, type Log, type LogOptions } from './log.ts';
export { printable, withoutControls } from './printable.ts';
export { safeText } from './redact.ts';
