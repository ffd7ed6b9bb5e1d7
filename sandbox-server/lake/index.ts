/** The lake's public face: `createLakeView`. */
import { Problem } from '../contract/errors.ts';
import type { Lab } from '../contract/lab.ts';
import type { Identity, SignedIn } from '../identity/face.ts';
import type { Labs } from '../labs/face.ts';
import type { Log } from '../telemetry/index.ts';
import { askAt, createAgent } from './ask.ts';
import type { FindLake, LakeView } from './face.ts';
import { createPoller } from './poller.ts';
import type { Poller } from './poller.ts';
import { queueOf } from './queue/queue.ts';
import { createReading } from './reading.ts';
import type { OpenSources, Round } from './reading.ts';
import { AUDIENCE, SCOPES, rucioOf } from './rucio/rucio.ts';
import type { Rucio, RucioElement } from './rucio/rucio.ts';
import { LakeOut, fromProblem, noneHere, toProblem } from './trouble.ts';

export type { FindLake, LakeAddress, LakeDoor, LakeView } from './face.ts';

export interface LakeViewOptions {
  readonly identity: Pick<Identity, 'sandboxToken'>;
  readonly labs: Pick<Labs, 'get' | 'subscribe'>;
  readonly findLake: FindLake;
  readonly log: Log;
  readonly clock?: () => number;
}
/** Events of the learner's stream after which something in the lake may be another. */
const STIRS: readonly string[] = ['terminals', 'step', 'facts'];

export function createLakeView({
  identity,
  labs,
  findLake,
  log,
  clock = Date.now,
}: LakeViewOptions): LakeView {
  const agent = createAgent();
  const elements = sharedElements(clock);
  const pollers = new Map<string, { readonly poller: Poller; readonly stirring: Promise<Disposable> }>();

  const sourcesOf =
    (person: string, account: string): OpenSources =>
    async (signal) => {
      const { token } = await asLakeOut(() => identity.sandboxToken(person, AUDIENCE, SCOPES.join(' ')));
      const address = await asLakeOut(findLake);
      if (address === null) throw new LakeOut(noneHere);
      const { ca, rucio, transfers } = address;
      const asking = rucioOf(askAt(rucio, ca, agent), token, signal);
      return {
        rucio: { ...asking, elements: () => elements(`${rucio.host}:${String(rucio.port)}`, asking) },
        queue: () =>
          transfers === null ? Promise.resolve([]) : queueOf(askAt(transfers, ca, agent), account, signal),
      };
    };
  const roundFor = (who: SignedIn, { user }: Lab): Round =>
    createReading(user, sourcesOf(who.person.id, user), clock);

  const pollerFor = (who: SignedIn, lab: Lab): Poller => {
    const key = `${who.person.id} ${lab.user}`;
    const known = pollers.get(key);
    if (known !== undefined) return known.poller;
    const poller = createPoller({ begin: () => roundFor(who, lab), clock, log, onIdle: () => forget(key) });
    const stirring = labs.subscribe(who.person.id, ({ type }) => {
      if (STIRS.includes(type)) poller.stir();
    });
    stirring.catch((error: unknown) => log.error({ err: error }, 'a learner’s events are not heard'));
    pollers.set(key, { poller, stirring });
    return poller;
  };
  const forget = (key: string): void => {
    void pollers.get(key)?.stirring.then(
      (subscription) => subscription[Symbol.dispose](),
      () => undefined, // said above already
    );
    pollers.delete(key);
  };

  return {
    async read(who, lab) {
      const round = roundFor(who, await labs.get(who, lab));
      try {
        return await round(AbortSignal.timeout(READ_MS));
      } catch (error) {
        if (error instanceof LakeOut) throw toProblem(error);
        if (error instanceof DOMException && error.name === 'TimeoutError')
          throw new Problem('timeout', 'The data lake takes too long to answer. Try again in a moment.');
        throw error;
      }
    },
    watch: async (who, lab, listener) => pollerFor(who, await labs.get(who, lab)).watch(listener),
    get watched() {
      return pollers.size;
    },
    close() {
      for (const { poller } of pollers.values()) poller[Symbol.dispose]();
      agent.destroy();
    },
  };
}
/** one round, however slow the lake */
const READ_MS = 20_000;

/** Elements are everybody's and change rarely: what one learner was told is good for all, for a while. */
const ELEMENTS_MS = 60_000;
function sharedElements(
  clock: () => number,
): (lake: string, rucio: Pick<Rucio, 'elements'>) => Promise<readonly RucioElement[]> {
  const known = new Map<string, { readonly at: number; readonly elements: readonly RucioElement[] }>();
  return async (lake, rucio) => {
    const found = known.get(lake);
    if (found !== undefined && clock() - found.at < ELEMENTS_MS) return found.elements;
    const elements = await rucio.elements();
    known.set(lake, { at: clock(), elements });
    return elements;
  };
}

/** A Problem of another room is a trouble of the lake here. */
async function asLakeOut<T>(asking: () => Promise<T>): Promise<T> {
  try {
    return await asking();
  } catch (error) {
    if (error instanceof Problem) throw new LakeOut(fromProblem(error), { cause: error });
    throw error;
  }
}
