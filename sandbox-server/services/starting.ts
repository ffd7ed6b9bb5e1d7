/** One start of a service at a time, shared by all labs that wait for it, each told what goes on. */
import { Problem } from '../contract/errors.ts';
import { ErrorLine, StageLine } from '../contract/service.ts';
import { printable } from '../telemetry/index.ts';
import type { Command } from './command.ts';
import type { ServiceStage } from './face.ts';

/** an environment is downloaded and installed without a word for minutes on a slow line */
const SILENCE_MS = 10 * 60_000;

type Listener = (stage: ServiceStage) => void;
export interface Starting {
  /** joins the start that runs, or begins one. Rejects with Problem `unavailable`, or the signal's reason */
  join(options: {
    readonly signal?: AbortSignal | undefined;
    readonly onStage?: Listener | undefined;
  }): Promise<void>;
  /** calls off what runs and waits for its end */
  close(): Promise<void>;
}

export function createStarting(
  service: { readonly name: string; readonly title: string },
  command: Command,
  told: Listener,
  /** how it ended, also where nobody waits for it any more */
  ended: (error: unknown) => void,
): Starting {
  const listeners = new Set<Listener>();
  /** stages that have begun and not ended, in the order they began */
  const open = new Map<string, ServiceStage>();
  const abort = new AbortController();
  let running: Promise<void> | undefined;

  const tell = (stage: ServiceStage): void => {
    if (stage.state === 'begun') open.set(stage.stage, stage);
    else open.delete(stage.stage);
    told(stage);
    for (const listener of listeners) listener(stage);
  };
  const run = async (): Promise<void> => {
    const failed: string[] = [];
    const onLine = (line: Record<string, unknown>): void => {
      const parsed = StageLine.safeParse(line).data;
      if (parsed === undefined) return;
      if (parsed.state === 'failed') failed.push(parsed.stage);
      tell(stageOf(service.name, parsed));
    };
    try {
      await command({ args: ['up'], onLine, silence: SILENCE_MS, signal: abort.signal });
    } catch (error) {
      open.clear();
      const why = couldNot(service, failed, error);
      ended(why);
      throw why;
    }
    open.clear();
    ended(null);
  };
  const begin = (): Promise<void> => {
    const begun = run().finally(() => (running = undefined));
    begun.catch(() => undefined); // all who wait for it may have stopped waiting; `ended` was told
    return begun;
  };
  return {
    async join({ signal, onStage }) {
      signal?.throwIfAborted();
      running ??= begin();
      if (onStage === undefined) return unlessAborted(running, signal);
      // whoever comes late reads what is going on now
      const latest = [...open.values()].at(-1);
      if (latest !== undefined) onStage(latest);
      listeners.add(onStage);
      try {
        await unlessAborted(running, signal);
      } finally {
        listeners.delete(onStage);
      }
    },
    async close() {
      abort.abort(new Problem('unavailable', 'The server is stopping.'));
      await running?.catch(() => undefined); // those who wait for it are told
    },
  };
}

function stageOf(service: string, line: StageLine): ServiceStage {
  const { stage, state, done, of } = line;
  const counted = done !== undefined && of !== undefined && of > 0;
  return {
    service,
    stage: printable(stage, 40),
    state,
    text: printable(line.label, 300),
    ...(counted ? { progress: { done, all: of, unit: '' } } : {}),
  };
}

function couldNot(
  { name, title }: { readonly name: string; readonly title: string },
  stages: readonly string[],
  error: unknown,
): unknown {
  if (!(error instanceof Problem) || error.code !== 'unavailable') return error;
  const { message, todo } = Fault.safeParse(error.details).data ?? { message: error.message, todo: '' };
  const what = `${title}, which this lesson needs, could not be started: ${message}`;
  const text = [what, todo, 'Press Start to try again.'].filter((part) => part !== '').join(' ');
  return new Problem('unavailable', printable(text, 1_800), {
    cause: error,
    details: { service: name, ...(stages[0] === undefined ? {} : { stage: stages[0] }), ...error.details },
  });
}
const Fault = ErrorLine.shape.error.pick({ message: true, todo: true });

async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  const gone = Promise.withResolvers<never>();
  const onAbort = (): void => gone.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, gone.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
