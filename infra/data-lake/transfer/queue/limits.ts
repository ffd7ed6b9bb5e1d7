/** How much runs at once: in all, on a link, into and out of an element; and which elements are banned. */
import { z } from 'zod';

export const Limits = z.object({
  total: z.number().int().min(1).default(24),
  perLink: z.number().int().min(1).default(8),
  inbound: z.number().int().min(1).default(12),
  outbound: z.number().int().min(1).default(12),
});
export type Limits = z.infer<typeof Limits>;

/** What an operator set for one element; absent: the service's own. */
export interface ElementSettings {
  readonly inbound: number | null;
  readonly outbound: number | null;
  readonly banned: Ban | null;
}
export interface Ban {
  readonly message: string;
  /** cancel: what waits for it fails at once · wait: it stays in the queue until the ban ends */
  readonly status: 'cancel' | 'wait';
  readonly since: number;
}
export type Elements = ReadonlyMap<string, ElementSettings>;

/** An element is `host:port`; operators name the host alone, or `davs://host:port` as FTS3 does. */
function sameElement(element: string, named: string): boolean {
  const name = named.replace(/^[a-z]+:\/\//, '').replace(/\/+$/, '');
  return element === name || element.replace(/:\d+$/, '') === name;
}

/** An operator may have named it in several ways: the strictest word counts. */
export function settingsOf(elements: Elements, element: string): ElementSettings {
  const said = [...elements].filter(([named]) => sameElement(element, named)).map(([, settings]) => settings);
  const least = (values: readonly (number | null)[]) =>
    values.reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null);
  return {
    inbound: least(said.map((one) => one.inbound)),
    outbound: least(said.map((one) => one.outbound)),
    banned: said.map((one) => one.banned).find((ban) => ban !== null) ?? null,
  };
}
