/**
 * Names, ports, folders and users of one lake: pure. They stand in certificates, tokens, Rucio's database and
 * lessons, so they are written here once. Names end in `.test` (RFC 6761), which resolves nowhere but where we say.
 */
import { join } from 'node:path';
import { shortHash } from '../../sandbox-server/sandboxes/local/place.ts';

/** base port of a lake when `PALESTRA_LAKE_PORT` says nothing */
export const BASE_PORT = 31_440;

/** Whom a server runs as: a name of /etc/passwd or a number; null: nobody else, since we are not root. */
export type User = string | null;

/** Servers that learners reach run apart from each other: who breaks into one has not the files of another. */
export type Owner = 'postgres' | 'xrootd' | 'rucio' | 'transfer' | 'issuer' | 'gate';

export interface Endpoint {
  readonly host: string;
  /** the same outside, on loopback, and inside of sandboxes */
  readonly port: number;
}

export interface Certificate {
  readonly cert: string;
  /** 0600, of the user whose server uses it */
  readonly key: string;
  readonly owner: Owner;
  readonly host: string;
}

export type ElementName = 'cnaf' | 'napoli' | 'archive';
export interface ElementPlace extends Endpoint {
  readonly name: ElementName;
  /** the suffix matters: Rucio's policy lets learners add replicas on `*USERDISK` only */
  readonly rse: string;
  /** value of the RSE attribute `site` */
  readonly site: string;
  readonly nature: 'disk' | 'tape';
  /** http port of XRootD on loopback, reached by the gate only */
  readonly inner: number;
  /** port of `root://` with tokens, for reading only; null for tape, whose wait is the gate's */
  readonly rootPort: number | null;
  /** `oss.localroot` of XRootD: a learner's files are below `rucio/user/LOGIN/` */
  readonly data: string;
}

export interface LakePlace {
  readonly root: string;
  readonly port: number;
  /** a pod, whose own files know the lake's names and authority already, and whose addresses are all listened on */
  readonly inPod: boolean;
  readonly listen: '127.0.0.1' | '0.0.0.0';
  /** sockets stand in a short folder of their own: a socket's path has at most 107 bytes */
  readonly sockets: string;
  /** why `root` is not below the state folder; absent where it is */
  readonly elsewhere?: string;
  /** `.palestra/idp`: keys and clients that the portal's provider and the lake's issuer share */
  readonly idp: string;
  readonly folders: Readonly<Record<FolderName, string>>;
  readonly users: Readonly<Record<Owner, User>>;
  readonly iam: Endpoint;
  readonly fts: Endpoint;
  readonly rucio: Endpoint;
  readonly elements: readonly ElementPlace[];
  /** with the trailing slash that stands in `iss` */
  readonly issuer: string;
  readonly authority: {
    readonly ca: string;
    readonly caKey: string;
    /** the system's certificates and ours, one file */
    readonly bundle: string;
    /** public certificates only, rehashed: XrdTPC dies of an unreadable file in it (trap 1) */
    readonly folder: string;
    readonly certificates: Readonly<Record<'iam' | 'fts' | 'rucio' | ElementName, Certificate>>;
  };
  /** /etc/hosts as programs of the lake see it */
  readonly hostsFile: string;
  readonly stewardSocket: string;
  /** https, of a lake in a pod only */
  readonly stewardPort: number;
}

/**
 * authority: certificates; log: everybody's log; run: records of processes; env: Python environments; tools: uv
 * (these two shared by all lakes of one state folder); the others belong to the part of that name.
 */
export type FolderName =
  'authority' | 'log' | 'run' | 'env' | 'tools' | 'postgres' | 'rucio' | 'elements' | 'transfer' | 'issuer';
const FOLDERS: readonly FolderName[] = [
  'authority',
  'log',
  'run',
  'env',
  'tools',
  'postgres',
  'rucio',
  'elements',
  'transfer',
  'issuer',
];

/** Ours that have no name on the machine; far above people, below the uids of sandboxes. */
const FIRST_UID = 1_899_990_000;

export interface PlaceOptions {
  readonly root: string;
  /** what several lakes may share since it is named by its content: environments and uv; default: `root` */
  readonly shared?: string;
  readonly port: number;
  readonly idp: string;
  /** we are root: servers get users of their own */
  readonly asRoot: boolean;
  /** folder for short paths, /tmp */
  readonly temporary: string;
  readonly elsewhere?: string;
  /** default: one machine */
  readonly inPod?: boolean;
}

export function lakePlace(options: PlaceOptions): LakePlace {
  const { root, port, idp, inPod = false } = options;
  const shared = options.shared ?? root;
  const folder = (name: FolderName) => join(name === 'env' || name === 'tools' ? shared : root, name);
  const at = (name: string, offset: number): Endpoint => ({
    host: `${name}.palestra.test`,
    port: port + offset,
  });
  const element = (
    name: ElementName,
    nature: ElementPlace['nature'],
    outer: number,
    inner: number,
  ): ElementPlace => ({
    ...at(name, outer),
    name,
    nature,
    rse: `${name.toUpperCase()}_USERDISK`,
    site: name.toUpperCase(),
    inner: port + inner,
    rootPort: nature === 'tape' ? null : port + inner + 10,
    data: join(folder('elements'), name, 'data'),
  });
  const iam = at('iam', 3);
  const sockets = join(options.temporary, `palestra-lake-${shortHash(root)}`);
  return {
    root,
    port,
    inPod,
    listen: inPod ? '0.0.0.0' : '127.0.0.1',
    idp,
    sockets,
    ...(options.elsewhere === undefined ? {} : { elsewhere: options.elsewhere }),
    folders: Object.fromEntries(FOLDERS.map((name) => [name, folder(name)])) as Record<FolderName, string>,
    users: usersOf(options.asRoot),
    iam,
    fts: at('fts', 6),
    rucio: at('rucio', 7),
    elements: [
      element('cnaf', 'disk', 11, 21),
      element('napoli', 'disk', 12, 22),
      element('archive', 'tape', 13, 23),
    ],
    issuer: `https://${iam.host}:${iam.port}/`,
    authority: authorityOf(folder('authority')),
    hostsFile: join(root, 'run', 'hosts'),
    stewardSocket: join(sockets, 'steward.sock'),
    stewardPort: port + 8,
  };
}

function usersOf(asRoot: boolean): Record<Owner, User> {
  const own = (n: number): User => (asRoot ? String(FIRST_UID + n) : null);
  return {
    postgres: asRoot ? 'postgres' : null,
    xrootd: asRoot ? 'xrootd' : null,
    rucio: own(1),
    transfer: own(2),
    issuer: own(3),
    gate: own(4),
  };
}

function authorityOf(folder: string): LakePlace['authority'] {
  const certificate = (name: string, owner: Owner): Certificate => ({
    cert: join(folder, 'hosts', `${name}.pem`),
    key: join(folder, 'hosts', `${name}.key`),
    host: `${name}.palestra.test`,
    owner,
  });
  return {
    ca: join(folder, 'ca.pem'),
    caKey: join(folder, 'ca.key'),
    bundle: join(folder, 'bundle.crt'),
    folder: join(folder, 'certificates'),
    certificates: {
      iam: certificate('iam', 'issuer'),
      fts: certificate('fts', 'transfer'),
      rucio: certificate('rucio', 'rucio'),
      cnaf: certificate('cnaf', 'gate'),
      napoli: certificate('napoli', 'gate'),
      archive: certificate('archive', 'gate'),
    },
  };
}

/** Everything with a name, in the order of their ports: what stands in /etc/hosts and is lent to sandboxes. */
export function endpointsOf(place: LakePlace): readonly Endpoint[] {
  const roots = place.elements.flatMap(({ host, rootPort }) =>
    rootPort === null ? [] : [{ host, port: rootPort }],
  );
  return [place.iam, place.fts, place.rucio, ...place.elements, ...roots].map(({ host, port }) => ({
    host,
    port,
  }));
}

/** What a learner's token must be for: Rucio and each element. */
export function audiencesOf(place: LakePlace): readonly string[] {
  return ['rucio', ...place.elements.map((element) => element.host)];
}

export function hostsLine(place: LakePlace): string {
  const names = new Set(endpointsOf(place).map((endpoint) => endpoint.host));
  return `127.0.0.1 ${[...names].join(' ')}`;
}

/** @throws RangeError for an element that this lake has not; its sentence names those it has */
export function elementOf(place: LakePlace, rse: string): ElementPlace {
  const found = place.elements.find((element) => element.rse === rse || element.name === rse);
  if (found !== undefined) return found;
  throw new RangeError(
    `There is no element ${rse}; this lake has ${place.elements.map((e) => e.rse).join(', ')}.`,
  );
}
