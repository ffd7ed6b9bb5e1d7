/** What a command says: JSON lines for programs, words for people. */
import type { ServiceStatus, StageLine } from '../../sandbox-server/contract/service.ts';
import { errorOf } from './sentence.ts';

export interface Printer {
  stage(line: StageLine): void;
  ready(seconds: number): void;
  status(status: ServiceStatus): void;
  answer(answer: unknown): void;
  failure(error: unknown): void;
}

/** @param what begins a sentence: "The data lake". `PALESTRA_TRACE` adds where a failure came from. */
export function printer(what: string, json: boolean): Printer {
  const line = (value: unknown) => void process.stdout.write(`${JSON.stringify(value)}\n`);
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  return {
    stage: (stage) => (json ? line(stage) : say(stageText(stage))),
    ready: (seconds) => (json ? line({ ready: true, seconds }) : say(`${what} is ready (${seconds} s)`)),
    status: (status) => (json ? line(status) : say(statusText(what, status))),
    answer: (answer) => (json ? line(answer) : say(JSON.stringify(answer, null, 2))),
    failure(error) {
      const body = errorOf(error);
      if (json) line({ error: body });
      else process.stderr.write(`${body.message}${body.todo === '' ? '' : `\n${body.todo}`}\n`);
      if (process.env['PALESTRA_TRACE'] !== undefined && error instanceof Error)
        process.stderr.write(`${error.stack ?? ''}\n`);
    },
  };
}

export function stageText({ label, state, seconds, done, of }: StageLine): string {
  if (state === 'done') return `  done    ${label} (${seconds ?? 0} s)`;
  if (state === 'failed') return `  FAILED  ${label}`;
  if (done === undefined) return `  begun   ${label}`;
  return `          ${label}: ${done}${of === undefined ? '' : ` of ${of}`}`;
}

export function statusText(what: string, { state, parts }: ServiceStatus): string {
  const rows = parts.map(({ name, ok, found, todo, memory }) => {
    const size = memory === undefined ? '' : ` (${mebibytes(memory)} MiB)`;
    return `  ${ok ? 'ok ' : 'NO '} ${name.padEnd(24)} ${found}${size}${ok || todo === '' ? '' : `: ${todo}`}`;
  });
  const memory = parts.reduce((sum, part) => sum + (part.memory ?? 0), 0);
  return [`${what} is ${state} (${mebibytes(memory)} MiB)`, ...rows].join('\n');
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
