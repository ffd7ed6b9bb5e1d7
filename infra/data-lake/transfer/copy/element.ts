/** A storage element over WebDAV as gfal2 speaks it: stat with checksum, parents, removal. */
import { adlerAnswered } from '../jobs/checksum.ts';
import { elementOf } from '../jobs/addresses.ts';
import { failure, refused, unreachable, ERRNO, type Scope } from './failure.ts';
import type { Answer, Web } from './web.ts';

export interface Place {
  readonly url: URL;
  readonly token: string | null;
  readonly scope: Extract<Scope, 'SOURCE' | 'DESTINATION'>;
}
export interface Stat {
  readonly size: number;
  /** null: the element computes none */
  readonly adler32: string | null;
}
/** ms: a plain question; a checksum of a file that is read for it */
export interface Patience {
  readonly answerMs: number;
  readonly checksumMs: number;
}

export interface Elements {
  /** @returns null where there is no such file. @throws TransferFailure */
  stat(place: Place, signal: AbortSignal): Promise<Stat | null>;
  /** Makes the folders above: XRootD's COPY does not (trap 15). @throws TransferFailure */
  makeParents(place: Place, signal: AbortSignal): Promise<void>;
  /** Nothing there is as good. @throws TransferFailure */
  remove(place: Place, signal: AbortSignal): Promise<void>;
}

export function createElements(web: Web, patience: Patience): Elements {
  async function ask(
    method: string,
    place: Place,
    url: URL,
    signal: AbortSignal,
    ms = patience.answerMs,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const headers = { ...authorization(place.token), ...more };
    try {
      return await web.ask(method, url, { headers, signal, patienceMs: ms });
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(place.scope, error, elementOf(url));
    }
  }

  async function folderExists(place: Place, folder: URL, signal: AbortSignal): Promise<boolean> {
    // as gfal2 does: XRootD 5.5.3 answers HEAD of a folder with 409 (digest wanted) or never
    const { status, body } = await ask('PROPFIND', place, folder, signal, patience.answerMs, { Depth: '0' });
    if (status === 404) return false;
    if (status < 300) return true;
    throw refused(place.scope, 'MAKE_PARENT', status, body);
  }

  async function makeFolder(place: Place, folder: URL, signal: AbortSignal): Promise<void> {
    const { status, body } = await ask('MKCOL', place, folder, signal);
    // 405: another transfer made it meanwhile
    if (status === 405 || (status >= 200 && status < 300)) return;
    throw refused(place.scope, 'MAKE_PARENT', status, body);
  }

  return {
    async stat(place, signal) {
      const wanted = { 'Want-Digest': 'adler32' };
      const answer = await ask('HEAD', place, place.url, signal, patience.checksumMs, wanted);
      if (answer.status === 404) return null;
      if (answer.status !== 200) throw refused(place.scope, place.scope, answer.status, answer.body);
      return statFrom(answer, place);
    },
    async makeParents(place, signal) {
      const above = foldersAbove(place.url);
      const missing: URL[] = [];
      for (const folder of above) {
        if (await folderExists(place, folder, signal)) break;
        missing.unshift(folder);
      }
      for (const folder of missing) await makeFolder(place, folder, signal);
    },
    async remove(place, signal) {
      const { status, body } = await ask('DELETE', place, place.url, signal);
      if (status !== 404 && (status < 200 || status >= 300))
        throw refused(place.scope, 'DELETE', status, body);
    },
  };
}

export function authorization(token: string | null): Record<string, string> {
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** A size that is none is an answer of something that is no storage element. */
function statFrom({ headers }: Answer, place: Place): Stat {
  const length = headers['content-length'];
  if (length === undefined || !/^\d{1,15}$/.test(length))
    throw failure(place.scope, ERRNO.communication, `${elementOf(place.url)} answered without a size`, true);
  return { size: Number(length), adler32: adlerAnswered(headers['digest'] ?? headers['repr-digest']) };
}

/** From the nearest to the root's first folder, each with its slash. */
function foldersAbove(url: URL): readonly URL[] {
  const segments = url.pathname.split('/').slice(1, -1);
  return segments.map(
    (_, at) => new URL(`/${segments.slice(0, segments.length - at).join('/')}/`, url.origin),
  );
}
