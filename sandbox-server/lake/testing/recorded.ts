/**
 * What a real Rucio 41.5.1 answered (infra/data-lake, 24 November 2026, account `dtab`), line by line: one file at
 * CNAF, its rule, and a second one that had just been made. Only a check against these notices that Rucio's words
 * are others than we think; that they still are Rucio's is shown by the journey on the real lake.
 */
export const ACCOUNT = 'dtab';

const rule = {
  locks_replicating_cnt: 0,
  ignore_availability: false,
  meta: null,
  error: null,
  locks_stuck_cnt: 0,
  ignore_account_limit: false,
  deleted_at: null,
  subscription_id: null,
  source_replica_expression: null,
  priority: 3,
  created_at: 'Tue, 24 Nov 2026 13:56:43 UTC',
  copies: 1,
  activity: 'User Subscriptions',
  updated_at: 'Tue, 24 Nov 2026 13:56:43 UTC',
  account: 'dtab',
  grouping: 'DATASET',
  comments: null,
  scope: 'user.dtab',
  weight: null,
  notification: 'NO',
  child_rule_id: null,
  name: 'run42.root',
  locked: false,
  stuck_at: null,
  eol_at: null,
  did_type: 'FILE',
  purge_replicas: false,
  split_container: false,
  bytes: 2000000,
};
export const RULE_OK = {
  ...rule,
  id: 'f1b9ff56ecac47e2af1e4b2a5f2ce15f',
  state: 'OK',
  rse_expression: 'CNAF_USERDISK',
  expires_at: null,
  locks_ok_cnt: 1,
};
export const RULE_REPLICATING = {
  ...rule,
  id: 'ca06514632b146dbbb3e4f33f65fa388',
  state: 'REPLICATING',
  rse_expression: 'NAPOLI_USERDISK',
  expires_at: 'Wed, 25 Nov 2026 13:56:43 UTC',
  locks_ok_cnt: 0,
  locks_replicating_cnt: 1,
};
export const DID = { scope: 'user.dtab', name: 'run42.root', did_type: 'FILE', bytes: 2000000, length: null };
const pfn = {
  rse_id: '84ea2d930b524aeda9b5a6ebb30c868a',
  type: 'DISK',
  volatile: false,
  domain: 'wan',
  priority: 1,
  client_extract: false,
};
export const REPLICA = {
  scope: 'user.dtab',
  name: 'run42.root',
  bytes: 2000000,
  md5: null,
  adler32: '6d9c50f7',
  pfns: {
    'davs://cnaf.palestra.test:31451/rucio/user/dtab/15/e0/run42.root': { ...pfn, rse: 'CNAF_USERDISK' },
    'davs://napoli.palestra.test:31452/rucio/user/dtab/15/e0/run42.root': { ...pfn, rse: 'NAPOLI_USERDISK' },
  },
  rses: {
    NAPOLI_USERDISK: ['davs://napoli.palestra.test:31452/rucio/user/dtab/15/e0/run42.root'],
    CNAF_USERDISK: ['davs://cnaf.palestra.test:31451/rucio/user/dtab/15/e0/run42.root'],
  },
  states: { NAPOLI_USERDISK: 'COPYING', CNAF_USERDISK: 'AVAILABLE' },
  parents: [],
};
export const USAGE = ['NAPOLI_USERDISK', 'ARCHIVE_USERDISK', 'CNAF_USERDISK'].map((rse) => ({
  rse_id: '0330aa203bfb4786811ac9e9f65a6232',
  rse,
  bytes: 0,
  files: 0,
  bytes_limit: 50000000,
  bytes_remaining: 50000000,
}));

const SITES = {
  CNAF_USERDISK: ['CNAF', 'disk'],
  NAPOLI_USERDISK: ['NAPOLI', 'disk'],
  ARCHIVE_USERDISK: ['ARCHIVE', 'tape'],
};
type Rse = keyof typeof SITES;
export const RSES = Object.keys(SITES) as Rse[];
export function rseLine(rse: Rse): object {
  return {
    vo: 'def',
    country_name: 'IT',
    availability_read: true,
    rse_type: 'DISK',
    continent: null,
    availability_write: true,
    deterministic: true,
    time_zone: null,
    availability_delete: true,
    volatile: false,
    ISP: null,
    qos_class: null,
    staging_area: false,
    ASN: null,
    deleted: false,
    id: '9a2a7c5c1e9c4a4cb6699389c683f5df',
    city: 'Bologna',
    longitude: null,
    deleted_at: null,
    region_code: null,
    latitude: null,
    created_at: 'Tue, 24 Nov 2026 13:47:02 UTC',
    rse,
    availability: 7,
    updated_at: 'Tue, 24 Nov 2026 13:47:02 UTC',
  };
}
export function attributesOf(rse: Rse): object {
  const [site, nature] = SITES[rse];
  return {
    [rse]: true,
    city: 'Bologna',
    country: 'IT',
    country_name: 'IT',
    fts: 'https://fts.palestra.test:31446',
    greedyDeletion: true,
    nature,
    oidc_base_path: '/rucio',
    oidc_support: true,
    site,
    supported_checksums: 'adler32',
  };
}
export function detailsOf(rse: Rse): object {
  const hostname = `${SITES[rse][0]?.toLowerCase() ?? ''}.palestra.test`;
  const reading = { read: 1, write: 1, delete: 1 };
  return {
    availability_delete: true,
    availability_read: true,
    availability_write: true,
    credentials: null,
    deterministic: true,
    domain: ['lan', 'wan'],
    id: '84ea2d930b524aeda9b5a6ebb30c868a',
    lfn2pfn_algorithm: 'hash',
    protocols: [
      {
        hostname,
        scheme: 'davs',
        port: 31451,
        prefix: '/rucio/',
        impl: 'rucio.rse.protocols.gfal.Default',
        domains: {
          lan: reading,
          wan: { ...reading, third_party_copy_read: 1, third_party_copy_write: 1 },
        },
        extended_attributes: null,
      },
    ],
    qos_class: null,
    rse,
    rse_type: 'DISK',
    sign_url: null,
    staging_area: false,
    verify_checksum: true,
    volatile: false,
    availability: 7,
  };
}
/** A refused token and a rule's id that is none, as they came: the reason is in headers and in a body. */
export const REFUSED = {
  status: 401,
  headers: {
    exceptionclass: 'CannotAuthenticate',
    exceptionmessage: 'Cannot authenticate with given credentials',
  },
} as const;
export const BROKEN = {
  status: 500,
  headers: { exceptionclass: 'RucioException', exceptionmessage: 'Badly formatted rule id (abc)' },
} as const;
