/** Folders of the elements, below `elements/` of the lake. Pure. */
import { join } from 'node:path';
import type { ElementPlace, LakePlace } from '../place.ts';

export interface ElementHome {
  /** `oss.localroot`: files of learners are below `rucio/user/LOGIN/` */
  readonly data: string;
  /** keys of issuers that the SciTokens library has fetched */
  readonly cache: string;
  /** sockets and pid files of XRootD: in the short folder, since it ends where their path has more than 100 bytes */
  readonly admin: string;
  readonly rootAdmin: string;
  readonly configuration: string;
  readonly rootConfiguration: string;
  readonly tokens: string;
  /** its own certificate, for the same name as its gate's */
  readonly cert: string;
  readonly key: string;
}

export function homeOf(place: LakePlace, element: ElementPlace): ElementHome {
  const at = (name: string) => join(place.folders.elements, element.name, name);
  return {
    data: element.data,
    cache: at('cache'),
    admin: join(place.sockets, element.name),
    rootAdmin: join(place.sockets, `${element.name}-root`),
    configuration: at('xrootd.cfg'),
    rootConfiguration: at('root.cfg'),
    tokens: at('scitokens.cfg'),
    cert: at('host.pem'),
    key: at('host.key'),
  };
}

/** Faults that learners have set; see fault-folder.ts. */
export function faultsFolder(place: LakePlace): string {
  return join(place.folders.elements, 'faults');
}

export function accessLogOf(place: LakePlace, rse: string): string {
  return join(place.folders.log, 'access', `${rse}.jsonl`);
}

export function gatesFile(place: LakePlace): string {
  return join(place.folders.elements, 'gates.json');
}

/** Names of servers, as records and logs have them. */
export const GATES = 'gates';
export function serverOf(element: ElementPlace): string {
  return `xrootd-${element.name}`;
}
/** of `root://`; null where an element has none */
export function rootServerOf(element: ElementPlace): string | null {
  return element.rootPort === null ? null : `root-${element.name}`;
}
