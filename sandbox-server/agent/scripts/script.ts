/** A script of the contract, parsed, and the command line it becomes: pure. */
import type { RunScript } from '../../contract/agent.ts';
import { isText } from '../claim.ts';
import { parseFiles } from '../files/give.ts';
import type { GivenFile } from '../files/give.ts';
import { Refusal } from '../refusal.ts';

export interface Script {
  readonly lang: RunScript['lang'];
  readonly code: string;
  /** seconds */
  readonly timeout: number;
  readonly fixtures: readonly GivenFile[];
  readonly env: Readonly<Record<string, string>>;
}
const LONGEST_CODE = 256 * 1024;
const MOST_FIXTURES = 500;
const LONGEST_TIMEOUT = 3600;

export function parseScript(body: Record<string, unknown>): Script {
  const { lang, code, timeout, fixtures, env = {} } = body;
  const known = lang === 'bash' || lang === 'sh' || lang === 'python';
  if (!known || !isText(code, LONGEST_CODE) || !isTimeout(timeout) || !isEnv(env)) {
    throw new Refusal('bad-request', 'The script does not fit the contract.');
  }
  return { lang, code, timeout, fixtures: parseFiles(fixtures, MOST_FIXTURES), env };
}

function isTimeout(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= LONGEST_TIMEOUT;
}
function isEnv(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name) && isText(text, 64 * 1024),
  );
}

/** first in line to be ended when memory runs out (finding 12); a failure to say so stops nothing */
const PREFERRED_FOR_OOM = 'echo 500 2>/dev/null >/proc/self/oom_score_adj; exec "$@"';

/** @param file the code on disk, so that its size has no bound of the command line's; stdin stays empty */
export function argvOf(lang: Script['lang'], file: string, reaper: readonly string[]): string[] {
  const interpreter = { bash: ['bash', '--noprofile', '--norc'], sh: ['sh'], python: ['python3', '-I'] }[
    lang
  ];
  return ['/bin/sh', '-c', PREFERRED_FOR_OOM, 'sh', ...reaper, ...interpreter, file];
}
