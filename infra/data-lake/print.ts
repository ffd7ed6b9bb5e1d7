/** What the command says: JSON lines for programs, words for people. */
import { Problem } from '../../sandbox-server/contract/errors.ts';
import type { ServiceStatus, StageLine } from '../../sandbox-server/contract/service.ts';
import { sentenceOf } from './part.ts';

export interface Printer {
  stage(line: StageLine): void;
  ready(seconds: number): void;
  status(status: ServiceStatus): void;
  answer(answer: unknown): void;
  failure(error: unknown): void;
}

export function printer(json: boolean): Printer {
  const line = (value: unknown) => void process.stdout.write(`${JSON.stringify(value)}\n`);
  const say = (text: string) => void process.stdout.write(`${text}\n`);
  return {
    stage: (stage) => (json ? line(stage) : say(stageText(stage))),
    ready: (seconds) =>
      json ? line({ ready: true, seconds }) : say(`The data lake is ready (${seconds} s)`),
    status: (status) => (json ? line(status) : say(statusText(status))),
    answer: (answer) => (json ? line(answer) : say(JSON.stringify(answer, null, 2))),
    failure(error) {
      const body = errorOf(error);
      if (json) line({ error: body });
      else process.stderr.write(`${body.message}${body.todo === '' ? '' : `\n${body.todo}`}\n`);
      if (process.env['PALESTRA_LAKE_TRACE'] !== undefined && error instanceof Error)
        process.stderr.write(`${error.stack ?? ''}\n`);
    },
  };
}

export function errorOf(error: unknown): { code: string; message: string; todo: string } {
  const todo = error instanceof Problem ? error.details?.['todo'] : undefined;
  return {
    code: error instanceof Problem ? error.code : 'internal',
    message: sentenceOf(error).slice(0, 2000),
    todo: typeof todo === 'string' ? todo : '',
  };
}

function stageText({ label, state, seconds, done, of }: StageLine): string {
  if (state === 'done') return `  done    ${label} (${seconds ?? 0} s)`;
  if (state === 'failed') return `  FAILED  ${label}`;
  return done === undefined ? `  begun   ${label}` : `          ${label}: ${done} of ${of ?? '?'}`;
}

function statusText({ state, parts }: ServiceStatus): string {
  const rows = parts.map(({ name, ok, found, todo, memory }) => {
    const size = memory === undefined ? '' : ` (${Math.round(memory / 1024 ** 2)} MiB)`;
    return `  ${ok ? 'ok ' : 'NO '} ${name.padEnd(18)} ${found}${size}${ok || todo === '' ? '' : `: ${todo}`}`;
  });
  const memory = parts.reduce((sum, part) => sum + (part.memory ?? 0), 0);
  return [`The data lake is ${state} (${Math.round(memory / 1024 ** 2)} MiB)`, ...rows].join('\n');
}
