/** Rucio's own words, parsed once into ours. Unknown keys are its business; a missing one is `misbehaved`. */
import { z } from 'zod';
import type { CopyState, LakeRule, RuleState } from '../../contract/lake.ts';
import { LakeOut, misbehaved } from '../trouble.ts';

const RULE_STATES: Readonly<Record<string, RuleState>> = {
  OK: 'ok',
  REPLICATING: 'replicating',
  STUCK: 'stuck',
  SUSPENDED: 'suspended',
  WAITING_APPROVAL: 'waiting-approval',
  INJECT: 'inject',
};
const COPY_STATES: Readonly<Record<string, CopyState>> = {
  AVAILABLE: 'here',
  COPYING: 'copying',
  UNAVAILABLE: 'away',
  TEMPORARY_UNAVAILABLE: 'away',
  BAD: 'bad',
  BEING_DELETED: 'leaving',
};
const KINDS = { FILE: 'file', DATASET: 'dataset', CONTAINER: 'container' } as const;

/** `Mon, 23 Nov 2026 08:39:50 UTC`, to ms since the epoch */
const Time = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) context.addIssue(`no time: ${text.slice(0, 40)}`);
  return ms;
});
const Bytes = z.number().int().nonnegative();

export const RuleLine = z
  .object({
    id: z.string(),
    scope: z.string(),
    name: z.string(),
    rse_expression: z.string(),
    copies: Bytes,
    state: z.string(),
    locks_ok_cnt: Bytes,
    locks_replicating_cnt: Bytes,
    locks_stuck_cnt: Bytes,
    expires_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
    error: z.string().nullish(),
  })
  .transform((line): LakeRule => ({
    id: line.id,
    scope: line.scope,
    name: line.name,
    expression: line.rse_expression,
    copies: line.copies,
    state: RULE_STATES[line.state] ?? 'suspended',
    ok: line.locks_ok_cnt,
    replicating: line.locks_replicating_cnt,
    stuck: line.locks_stuck_cnt,
    expiresAt: line.expires_at,
    createdAt: line.created_at,
    updatedAt: line.updated_at,
    error:
      line.error === undefined || line.error === null || line.error === '' ? null : line.error.slice(0, 2000),
  }));

export const DidLine = z
  .object({
    scope: z.string(),
    name: z.string(),
    did_type: z.string().transform((type) => type.split('.').at(-1) ?? type),
    bytes: Bytes.nullish(),
    length: Bytes.nullish(),
  })
  .transform((line) => ({
    scope: line.scope,
    name: line.name,
    kind: KINDS[line.did_type as keyof typeof KINDS] ?? 'file',
    bytes: line.bytes ?? null,
    files: line.length ?? null,
  }));
export type DidLine = z.infer<typeof DidLine>;

export const ReplicaLine = z
  .object({
    scope: z.string(),
    name: z.string(),
    bytes: Bytes.nullish(),
    states: z.record(z.string(), z.string()).default({}),
    parents: z.array(z.string()).nullish(),
  })
  .transform((line) => ({
    scope: line.scope,
    name: line.name,
    bytes: line.bytes ?? null,
    copies: new Map(Object.entries(line.states).map(([rse, state]) => [rse, COPY_STATES[state] ?? 'away'])),
    /** `scope:name` of the datasets it is in */
    parents: line.parents ?? [],
  }));
export type ReplicaLine = z.infer<typeof ReplicaLine>;

export const UsageLine = z
  .object({ rse: z.string(), bytes: Bytes.nullish(), bytes_limit: z.number().nullish() })
  .transform((line) => ({
    element: line.rse,
    used: line.bytes ?? 0,
    limit: line.bytes_limit === undefined || line.bytes_limit === null ? null : Math.max(0, line.bytes_limit),
  }));
export type UsageLine = z.infer<typeof UsageLine>;

export const ElementLine = z
  .object({
    rse: z.string(),
    rse_type: z.string().nullish(),
    availability_write: z.boolean().nullish(),
    longitude: z.union([z.number(), z.string()]).nullish(),
    latitude: z.union([z.number(), z.string()]).nullish(),
  })
  .transform((line) => ({
    name: line.rse,
    tape: line.rse_type === 'TAPE',
    writable: line.availability_write !== false,
    longitude: degrees(line.longitude),
    latitude: degrees(line.latitude),
  }));
export type ElementLine = z.infer<typeof ElementLine>;

export const Attributes = z.record(z.string(), z.unknown());

export const Doors = z.object({ protocols: z.array(z.object({ hostname: z.string() })).default([]) });

function degrees(value: number | string | null | undefined): number | null {
  const number = value === null || value === undefined || value === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Each line as ours. Throws LakeOut `misbehaved` naming the list and the field. */
export function eachAs<T extends z.ZodType>(
  schema: T,
  lines: readonly unknown[],
  what: string,
): z.output<T>[] {
  return lines.map((line) => {
    const { data, error } = schema.safeParse(line);
    if (error === undefined) return data;
    const [issue] = error.issues;
    throw new LakeOut(misbehaved(`${what} without a good ${issue?.path.join('.') ?? 'shape'}`), {
      cause: error,
    });
  });
}
