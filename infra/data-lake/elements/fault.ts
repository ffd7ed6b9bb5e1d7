/** What can be made to go wrong at an element for one learner. Data only: gates read it, verbs write it. */
import { z } from 'zod';

/** a status that says "not now" or "not you": what is neither is no refusal */
const RefuseStatus = z.coerce.number().int().min(400).max(599);

export const Fault = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('refuse'), status: RefuseStatus.default(503) }),
  z.object({
    kind: z.literal('slow'),
    /** before anything is answered */
    ms: z.coerce.number().int().min(0).max(600_000).default(0),
    /** bytes a second, each way; null: as fast as it goes */
    rate: z.coerce.number().int().min(100).max(1_000_000_000).nullable().default(null),
  }),
  z.object({
    kind: z.literal('garble'),
    /** answer: HTTP whose content is nonsense; wire: bytes that are no HTTP */
    how: z.enum(['answer', 'wire']).default('answer'),
  }),
  z.object({ kind: z.literal('full') }),
]);
export type Fault = z.infer<typeof Fault>;
export type FaultKind = Fault['kind'];
export const FAULT_KINDS: readonly FaultKind[] = ['refuse', 'slow', 'garble', 'full'];

/** A fault that strikes until a moment: one that a lesson forgot must not follow a learner for days. */
export const StandingFault = z.object({
  fault: Fault,
  /** ms since the epoch */
  since: z.number(),
  until: z.number(),
});
export type StandingFault = z.infer<typeof StandingFault>;

/** longer than any lesson */
export const FAULT_LIFE = 2 * 3_600_000;

/** What strikes a request, at most one of each kind. */
export interface Strikes {
  readonly refuse?: Extract<Fault, { kind: 'refuse' }>;
  readonly slow?: Extract<Fault, { kind: 'slow' }>;
  readonly garble?: Extract<Fault, { kind: 'garble' }>;
  readonly full?: Extract<Fault, { kind: 'full' }>;
}

export function strikesOf(standing: readonly StandingFault[], now: number): Strikes {
  const live = standing.filter(({ since, until }) => since <= now + 60_000 && now < until);
  return Object.fromEntries(live.map(({ fault }) => [fault.kind, fault]));
}
