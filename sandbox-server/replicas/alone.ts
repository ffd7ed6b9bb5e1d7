/** One server on its database: it leads from its start to its end, and hears nobody. */
import type { Replicas } from './face.ts';

export function alone(): Replicas {
  const handlers = new Map<string, (body: unknown) => Promise<unknown>>();
  const nobody: Disposable = { [Symbol.dispose]: () => undefined };
  return {
    leads: true,
    term: 0,
    start: (role) => role.begin(),
    tell: () => undefined,
    hear: () => nobody,
    onGap: () => nobody,
    async ask(topic, body) {
      const handler = handlers.get(topic);
      if (handler === undefined) throw new Error(`nobody answers ${topic}`);
      return handler(body);
    },
    answer(topic, handler) {
      handlers.set(topic, handler);
      return { [Symbol.dispose]: () => void handlers.delete(topic) };
    },
    close: () => Promise.resolve(),
  };
}
