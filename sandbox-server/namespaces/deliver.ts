/**
 * How a learner's way to the cluster gets into their sandbox, by what every agent knows already: the token as a named
 * token file, rewritten when it is renewed, and a kubeconfig in the home that reads it. `kubectl` works as at home.
 */
import { Problem } from '../contract/errors.ts';
import type { Prepared, RunningLab } from './face.ts';

type Receiver = RunningLab['link'];
/** The token file's name beside BEARER_TOKEN_FILE. */
const TOKEN_NAME = 'kubernetes';
const CONFIG = '.kube/config';

export interface Delivered {
  /** absolute, as the sandbox sees it */
  readonly tokenFile: string;
  /** where the kubeconfig went: `.kube/config`, or beside it where the learner has changed theirs */
  readonly kubeconfig: string;
}

/** Idempotent. @throws what the link throws; Problem `agent-misbehaved` where the sandbox names no folder of tokens */
export async function deliver(link: Receiver, prepared: Prepared): Promise<Delivered> {
  await renewIn(link, prepared);
  const tokenFile = `${await tokenFolder(link)}/${TOKEN_NAME}`;
  const content = Buffer.from(prepared.kubeconfig(tokenFile)).toString('base64');
  const { asNew } = await link.give({
    files: [{ path: CONFIG, content, executable: false }],
    overwrite: false,
  });
  return { tokenFile, kubeconfig: asNew[0] ?? CONFIG };
}

/** The next token into the same file: programs that run read it anew. */
export async function renewIn(
  link: Pick<Receiver, 'tokens'>,
  { token, expiresAt }: Pick<Prepared, 'token' | 'expiresAt'>,
): Promise<void> {
  await link.tokens({ tokens: [{ name: TOKEN_NAME, token, expiresAt }] });
}

/** The driver decides where tokens lie; every script is told. What the sandbox answers is looked at before it is used. */
async function tokenFolder(link: Pick<Receiver, 'run'>): Promise<string> {
  const { stdout } = await run(link, 'printf %s "${BEARER_TOKEN_FILE%/*}"', 10);
  if (/^\/[\w./-]{1,200}$/.test(stdout) && !stdout.includes('..')) return stdout;
  throw new Problem(
    'agent-misbehaved',
    'Your sandbox does not say where its tokens are. Start the lab again.',
  );
}

/**
 * Waits until the sandbox can connect to the API server: a rule opens some hundred milliseconds after a pod's label
 * changed (finding 10), and a command before that would only time out.
 * @throws Problem `unavailable` where it stays closed
 */
export async function untilReachable(
  link: Pick<Receiver, 'run'>,
  { host, port }: Prepared['api'],
  signal?: AbortSignal,
  seconds = 20,
): Promise<void> {
  const code = [
    `end=$((SECONDS + ${String(seconds)}))`,
    `until timeout 1 bash -c ${quoted(`exec 3<>/dev/tcp/${host}/${String(port)}`)} 2>/dev/null; do`,
    '  [ "$SECONDS" -lt "$end" ] || exit 1',
    '  sleep 0.1',
    'done',
  ].join('\n');
  const { exit } = await run(link, code, seconds + 5, signal);
  if (exit === 0) return;
  throw new Problem(
    'unavailable',
    'Your sandbox cannot reach the cluster yet. Open the lesson again in a minute; if it stays so, tell the operator.',
    { details: { host, port } },
  );
}

function run(link: Pick<Receiver, 'run'>, code: string, timeout: number, signal?: AbortSignal) {
  return link.run({ lang: 'bash', code, timeout, fixtures: [], env: {} }, signal);
}
function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
