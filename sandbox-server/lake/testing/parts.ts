/** Small lakes for tests, in the words of the parsed answers. */
import type { LakeRule } from '../../contract/lake.ts';
import type { Parts } from '../merge.ts';
import type { Queued } from '../queue/queue.ts';
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
    hosts: [],
    ...more,
  };
}
export const THREE = [
  element('NAPOLI_USERDISK', { hosts: ['napoli.palestra.test'] }),
  element('ARCHIVE_USERDISK', { tape: true }),
  element('CNAF_USERDISK', { hosts: ['cnaf.palestra.test'] }),
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
export function queued(id: string, more: Partial<Queued> = {}): Queued {
  return {
    id,
    name: 'run42.root',
    from: 'cnaf.palestra.test',
    to: 'napoli.palestra.test',
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
