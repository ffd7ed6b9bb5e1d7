/** Small lakes for tests, in the words of the parsed answers. */
import type { LakeRule, LakeTransfer } from '../../contract/lake.ts';
import type { Parts } from '../merge.ts';
import type { DidLine, ReplicaLine } from '../rucio/answers.ts';
import type { RucioElement } from '../rucio/rucio.ts';

export const SCOPE = 'user.ada';

export function element(name: string, more: Partial<RucioElement> = {}): RucioElement {
  return {
    name,
    site: name.split('_')[0] ?? name,
    tape: false,
    writable: true,
    longitude: null,
    latitude: null,
    ...more,
  };
}
export const THREE = [
  element('NAPOLI_USERDISK'),
  element('ARCHIVE_USERDISK', { tape: true }),
  element('CNAF_USERDISK'),
];

export function file(name: string, bytes: number | null = 1000): DidLine {
  return { scope: SCOPE, name, kind: 'file', bytes, files: null };
}
export function dataset(name: string, files: number | null = null): DidLine {
  return { scope: SCOPE, name, kind: 'dataset', bytes: null, files };
}
export function replica(
  name: string,
  copies: Readonly<Record<string, 'here' | 'copying' | 'bad' | 'away' | 'leaving'>>,
  parents: readonly string[] = [],
): ReplicaLine {
  return { scope: SCOPE, name, bytes: 1000, copies: new Map(Object.entries(copies)), parents: [...parents] };
}
export function rule(id: string, more: Partial<LakeRule> = {}): LakeRule {
  return {
    id,
    scope: SCOPE,
    name: 'run42.root',
    expression: 'CNAF_USERDISK',
    copies: 1,
    state: 'ok',
    ok: 1,
    replicating: 0,
    stuck: 0,
    expiresAt: null,
    createdAt: 1000,
    updatedAt: 1000,
    error: null,
    ...more,
  };
}
export function transfer(id: string, more: Partial<LakeTransfer> = {}): LakeTransfer {
  return {
    id,
    scope: SCOPE,
    name: 'run42.root',
    from: 'CNAF_USERDISK',
    to: 'NAPOLI_USERDISK',
    state: 'moving',
    bytes: 1000,
    done: 380,
    rate: 100,
    since: 1,
    why: null,
    ...more,
  };
}
export function parts(more: Partial<Parts> = {}): Parts {
  const nothing = { items: [], cut: false };
  return {
    account: 'ada',
    scope: SCOPE,
    rules: nothing,
    dids: nothing,
    replicas: nothing,
    usage: [],
    elements: THREE,
    transfers: [],
    ...more,
  };
}
export function listed<T>(...items: T[]): { items: T[]; cut: boolean } {
  return { items, cut: false };
}
