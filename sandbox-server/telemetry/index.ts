/** Logs: what every room may import. */
export { createLog, silentLog, type Level, type Log, type LogOptions } from './log.ts';
export { printable, withoutControls } from './printable.ts';
