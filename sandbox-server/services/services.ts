/** All services of this server by name; each is asked through its command alone. */
import { Problem } from '../contract/errors.ts';
import type { Log } from '../telemetry/index.ts';
import type { ServiceState, Services } from './face.ts';
import type { ServiceDefinition } from './find.ts';
import { createOneService, type OneService } from './one-service.ts';
import { createPlaces } from './places.ts';

/** on two cores more processes at a time take longer in all */
const COMMANDS_AT_ONCE = 6;

export interface ServicesOptions {
  readonly definitions: readonly ServiceDefinition[];
  /** the state folder, `.palestra` */
  readonly state: string;
  readonly log: Log;
  readonly clock?: () => number;
}

/** Asks nothing and starts nothing by itself; `look` does. */
export function createServices(options: ServicesOptions): Services & {
  /** learns in the background how each is; a service that cannot say so is logged */
  look(): void;
} {
  const { log, clock = Date.now } = options;
  const listeners = new Set<(state: ServiceState) => void>();
  const places = createPlaces(COMMANDS_AT_ONCE);
  const all = new Map<string, OneService>();
  for (const definition of options.definitions) {
    const onChange = (): void => {
      const state = all.get(definition.file.name)?.state();
      if (state !== undefined) for (const listener of listeners) listener(state);
    };
    const one = createOneService({ definition, state: options.state, places, log, clock, onChange });
    all.set(definition.file.name, one);
  }
  const of = (name: string): OneService => {
    const found = all.get(name);
    if (found !== undefined) return found;
    throw new Problem(
      'unavailable',
      `This lesson needs the service "${name}", which is not set up here. Ask whoever runs this platform.`,
      { details: { service: name } },
    );
  };
  return {
    list: () => [...all.values()].map((one) => one.state()),
    get: (name) => all.get(name)?.state(),
    ready: async (name, how = {}) => of(name).ready({ signal: how.signal, onStage: how.onStage }),
    admit: async (name, who) => of(name).admit(who),
    dismiss: async (name, login) => of(name).dismiss(login),
    address: async (name) => of(name).address(),
    endpoint: async (name, endpoint) => of(name).endpoint(endpoint),
    call: async (name, verb, login, signal) => of(name).call(verb, login, signal),
    status: async (name) => of(name).status(),
    stop: async (name) => of(name).stop(),
    watch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    look() {
      for (const [name, one] of all)
        one.status().catch((error: unknown) => {
          log.warn({ service: name, err: error }, 'a service does not say how it is');
        });
    },
    async close() {
      await Promise.all([...all.values()].map((one) => one.close()));
      listeners.clear();
    },
  };
}
