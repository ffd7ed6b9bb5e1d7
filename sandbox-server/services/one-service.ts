/** One service: what is known of it, and what can be asked. */
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { Problem } from '../contract/errors.ts';
import {
  Admission,
  ServiceAddress,
  ServiceStatus,
  VerbAnswer,
  VerbCall,
  type Verb,
} from '../contract/service.ts';
import type { Log } from '../telemetry/index.ts';
import { createCommand, type Command } from './command.ts';
import type { Admitted, EndpointAddress, ServiceCondition, ServiceStage, ServiceState } from './face.ts';
import type { ServiceDefinition } from './find.ts';
import type { Places } from './places.ts';
import { createStarting } from './starting.ts';
import { askSteward, listens, type StewardQuestion } from './steward.ts';

/** ms without a word: looking at every part, giving an account among 27 others, a verb that moves bytes */
const SILENCE = { address: 20_000, status: 60_000, admit: 60_000, verb: 90_000, stop: 180_000 } as const;
/** That it runs is believed for so long: a class that starts within it asks once. After it a steward that listens is enough, and the whole is looked at behind its back: on a busy machine that takes ten seconds. */
const BELIEVED_MS = 15_000;
/** So long an admission is believed: a service may have been emptied meanwhile, and asking again is cheap. */
const ADMITTED_MS = 60_000;
/** An address changes when its service is started, and hardly otherwise; asking costs a process of a second. */
const ADDRESS_MS = 10 * 60_000;

export interface OneService {
  readonly definition: ServiceDefinition;
  state(): ServiceState;
  ready(options: {
    signal?: AbortSignal | undefined;
    onStage?: ((stage: ServiceStage) => void) | undefined;
  }): Promise<void>;
  admit(who: Admitted): Promise<Admission | null>;
  dismiss(login: string): Promise<void>;
  address(): Promise<ServiceAddress>;
  endpoint(name: string): Promise<EndpointAddress>;
  call(verb: Verb, login: string, signal?: AbortSignal): Promise<VerbAnswer>;
  status(): Promise<ServiceStatus>;
  stop(): Promise<void>;
  close(): Promise<void>;
}
export interface OneServiceOptions {
  readonly definition: ServiceDefinition;
  readonly state: string;
  readonly places: Places;
  readonly log: Log;
  readonly clock: () => number;
  readonly onChange: () => void;
}

export function createOneService(options: OneServiceOptions): OneService {
  const { definition, places, log, clock } = options;
  const { name, title, summary, admits, verbs } = definition.file;
  const whole = new AbortController();
  const raw: Command = createCommand({
    definition,
    state: options.state,
    onLog: (line) => log.debug({ service: name }, line),
  });
  const command: Command = (run) => {
    const signal = run.signal === undefined ? whole.signal : AbortSignal.any([whole.signal, run.signal]);
    return raw({ ...run, signal });
  };
  let known: { condition: ServiceCondition; text: string; at: number } = {
    condition: 'unknown',
    text: `${title} has not been looked at yet`,
    at: -Infinity,
  };
  const admissions = new Map<string, { readonly at: number; readonly admission: Promise<Admission> }>();

  const become = (condition: ServiceCondition, text: string): void => {
    // whoever was admitted before it went down may not be any more
    if (condition !== 'up') admissions.clear();
    known = { condition, text, at: clock() };
    options.onChange();
  };
  const told = (stage: ServiceStage): void => {
    if (stage.state === 'begun') become('starting', stage.text);
  };
  const ended = (error: unknown): void => {
    address.forget();
    if (error === null) become('up', `${title} runs`);
    else become('failed', error instanceof Problem ? error.message : `${title} could not be started`);
  };
  const starting = createStarting({ name, title }, raw, told, ended);

  const status = shared(async (): Promise<ServiceStatus> => {
    const said = parsed(
      ServiceStatus,
      await command({ args: ['status'], silence: SILENCE.status }),
      'status',
    );
    if (known.condition !== 'starting') become(said.state, sentenceFor(title, said));
    return said;
  });
  const address = kept(ADDRESS_MS, clock, async () =>
    parsed(ServiceAddress, await command({ args: ['address'], silence: SILENCE.address }), 'address'),
  );
  const ask = async (
    question: Pick<StewardQuestion, 'path' | 'body' | 'signal'>,
    args: readonly string[],
    silence: number,
  ): Promise<Record<string, unknown> | null> => {
    const { steward } = await address.get();
    if (steward !== null) {
      const answer = await askSteward(title, { ...question, socket: steward, patience: silence });
      if (answer !== 'nobody') return answer;
    }
    return places(() => command({ args, silence, signal: question.signal }));
  };
  const parsed = <S extends z.ZodType>(schema: S, answer: unknown, verb: string): z.infer<S> => {
    const result = schema.safeParse(answer);
    if (result.success) return result.data;
    throw new Problem(
      'unavailable',
      `${title} gave an answer that does not fit (${verb}). Tell the operator.`,
      {
        cause: result.error,
        details: { service: name },
      },
    );
  };
  const stewardIsThere = async (): Promise<boolean> => {
    const { steward } = await address.get();
    return steward !== null && (await listens(steward));
  };
  const lookBehind = (): void => {
    status().catch((error: unknown) =>
      log.warn({ service: name, err: error }, 'a service does not say how it is'),
    );
  };
  const admitOnce = ({ login, subject }: Admitted): Promise<Admission> =>
    ask(
      { path: '/admit', body: { user: login, sub: subject } },
      ['admit', '--user', login, '--sub', subject],
      SILENCE.admit,
    ).then((answer) => parsed(Admission, answer, 'admit'));

  return {
    definition,
    state: () => ({ name, title, summary, admits, verbs, state: known.condition, text: known.text }),
    async ready({ signal, onStage }) {
      signal?.throwIfAborted();
      if (known.condition === 'up' && clock() - known.at < BELIEVED_MS) return;
      if (known.condition === 'up' && (await stewardIsThere())) return lookBehind();
      if (known.condition !== 'starting' && (await isUp(status))) return;
      await starting.join({ signal, onStage });
    },
    async admit(who) {
      if (!admits) return null;
      const key = `${who.login}\0${who.subject}`;
      const before = admissions.get(key);
      if (before !== undefined && clock() - before.at < ADMITTED_MS) return before.admission;
      const admission = admitOnce(who);
      admissions.set(key, { at: clock(), admission });
      admission.catch(() => admissions.delete(key));
      return admission;
    },
    async dismiss(login) {
      for (const key of admissions.keys()) if (key.startsWith(`${login}\0`)) admissions.delete(key);
      await ask({ path: '/dismiss', body: { user: login } }, ['dismiss', '--user', login], SILENCE.admit);
    },
    address: () => address.get(),
    async endpoint(wanted) {
      const { ca, endpoints } = await address.get();
      const found = endpoints.find((one) => one.host === wanted || nameOf(one) === wanted);
      if (found === undefined) throw new Problem('not-found', `${title} has no endpoint ${wanted}.`);
      const { host, port, to } = found;
      return { host, port, to, ca: ca === null ? null : await authority(ca, title) };
    },
    async call(verb, login, signal) {
      if (!verbs.includes(verb.name))
        throw new Problem('bad-request', `${title} has no verb "${verb.name}". It has: ${verbs.join(', ')}.`);
      const call = VerbCall.parse({ ...verb, user: login });
      const words = Object.entries(call.arguments).map(([key, value]) => `${key}=${value}`);
      const args = ['verb', call.name, '--user', login, ...words];
      return parsed(VerbAnswer, await ask({ path: '/verb', body: call, signal }, args, SILENCE.verb), 'verb');
    },
    status,
    async stop() {
      await command({ args: ['down'], silence: SILENCE.stop });
      become('down', `${title} is down`);
    },
    async close() {
      whole.abort(new Problem('unavailable', 'The server is stopping.'));
      await starting.close();
    },
  };
}

async function isUp(status: () => Promise<ServiceStatus>): Promise<boolean> {
  try {
    return (await status()).state === 'up';
  } catch (error) {
    // one that cannot say how it is may still be startable: `up` speaks for itself
    if (error instanceof Problem && error.code === 'unavailable') return false;
    throw error;
  }
}

function sentenceFor(title: string, { state, parts }: ServiceStatus): string {
  if (state === 'up') return `${title} runs`;
  if (state === 'down') return `${title} is down; it starts with the first lab that needs it`;
  const ailing = parts.filter((part) => !part.ok).map((part) => `${part.name}: ${part.found}`);
  return `${title} runs in part (${ailing.join('; ')})`.slice(0, 300);
}

/** The name that other programs of the server know an endpoint by. */
function nameOf({ name, host }: ServiceAddress['endpoints'][number]): string {
  return name ?? host.split('.')[0] ?? host;
}

async function authority(file: string, title: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Problem('unavailable', `${title} has no certificates yet: it was never started.`, {
      cause: error,
    });
  }
}

/** Those who ask while it is being asked get the same answer. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | undefined;
  return () => (asking ??= ask().finally(() => (asking = undefined)));
}

/** The same, and an answer is kept for some time; a failure is not. */
function kept<T>(
  ms: number,
  clock: () => number,
  ask: () => Promise<T>,
): { get(): Promise<T>; forget(): void } {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return {
    get() {
      if (last !== undefined && clock() - last.at < ms) return last.answer;
      const mine = { at: clock(), answer: ask() };
      last = mine;
      mine.answer.catch(() => {
        if (last === mine) last = undefined;
      });
      return mine.answer;
    },
    forget: () => (last = undefined),
  };
}
