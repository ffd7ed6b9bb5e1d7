/** Small lakes as the server says them. */
import type {
  LakeData,
  LakeDid,
  LakeElement,
  LakeRule,
  LakeTransfer,
} from '../../../../../sandbox-server/contract/lake.ts';

export function element(name: string, more: Partial<LakeElement> = {}): LakeElement {
  return {
    name,
    site: name.split('_')[0] ?? name,
    nature: 'disk',
    longitude: null,
    latitude: null,
    files: 0,
    bytes: 0,
    quota: { used: 0, limit: 50_000_000 },
    writable: true,
    ...more,
  };
}
export function did(name: string, more: Partial<LakeDid> = {}): LakeDid {
  return {
    scope: 'user.ada',
    name,
    kind: 'file',
    bytes: 1000,
    files: null,
    datasets: [],
    copies: [],
    ...more,
  };
}
export function rule(id: string, more: Partial<LakeRule> = {}): LakeRule {
  return {
    id,
    scope: 'user.ada',
    name: 'run42.root',
    expression: 'CNAF_USERDISK',
    copies: 1,
    state: 'ok',
    ok: 1,
    replicating: 0,
    stuck: 0,
    expiresAt: null,
    createdAt: 1,
    updatedAt: 1,
    error: null,
    ...more,
  };
}
export function transfer(more: Partial<LakeTransfer> = {}): LakeTransfer {
  return {
    id: '1',
    scope: 'user.ada',
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
export function lake(more: Partial<LakeData>): LakeData {
  return {
    account: 'ada',
    scope: 'user.ada',
    elements: [
      element('CNAF_USERDISK'),
      element('NAPOLI_USERDISK'),
      element('ARCHIVE_USERDISK', { nature: 'tape' }),
    ],
    dids: [],
    moreDids: 0,
    rules: [],
    moreRules: 0,
    transfers: [],
    moreTransfers: 0,
    atLeast: false,
    ...more,
  };
}
