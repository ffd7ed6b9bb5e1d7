/**
 * The path of a request, read once and strictly. What XRootD and we understand by it must be the same: whose files
 * these are decides which faults strike and whether the token reaches. So what could be read in two ways is refused.
 */
import { createHash } from 'node:crypto';
import { Login } from '../../../sandbox-server/contract/names.ts';

/** where elements export files; tokens' storage paths begin below it (`base_path`) */
export const EXPORT = '/rucio';

/** XRootD's bound on a path, and the file system's on a name, in bytes */
const PATH_BYTES = 1023;
const NAME_BYTES = 255;

export interface LakePath {
  /** decoded, absolute, no empty, `.` or `..` parts; a slash at its end is kept */
  readonly path: string;
  /** the same as it goes on the wire */
  readonly wire: string;
  /** whose folder it is in (or is); null: nobody's */
  readonly learner: string | null;
}

export type PathProblem = 'encoding' | 'dots' | 'character' | 'length' | 'form';

export type PathReading =
  | { readonly ok: true; readonly at: LakePath; readonly query: string }
  | { readonly ok: false; readonly why: PathProblem };

/** What to tell whoever sent it. */
export const PATH_SENTENCES: Readonly<Record<PathProblem, string>> = {
  encoding: 'The path is not UTF-8 in percent encoding.',
  dots: 'The path has a . or .. part: write the path without it.',
  character: 'The path has a character that no file name here may have (control characters, ?, \\ or %2F).',
  length: `The path is longer than ${PATH_BYTES} bytes, or a name in it longer than ${NAME_BYTES}.`,
  form: 'The address is not of the form /path or https://host:port/path.',
};

/** @param target of the request line, as it came: `/path`, `https://host/path`, each byte one character */
export function readTarget(target: string): PathReading {
  const origin = /^https?:\/\/[^/?#]*(?=[/?#]|$)/i.exec(target)?.[0] ?? '';
  const rest = target === '*' ? '/' : target.slice(origin.length) || '/';
  const mark = rest.indexOf('?');
  const raw = mark < 0 ? rest : rest.slice(0, mark);
  const query = mark < 0 ? '' : rest.slice(mark + 1);
  if (!raw.startsWith('/')) return no('form');
  if (raw.includes('#')) return no('character');
  // an encoded slash is one name to us and two to whoever decodes first
  if (/%(?:2f|00)/i.test(raw)) return no('character');
  const decoded = decode(raw);
  if (decoded === null) return no('encoding');
  const why = problemOf(decoded);
  if (why !== null) return no(why);
  return { ok: true, at: lakePath(decoded), query };
}

/** A path that is known to be good: ours, or one that `readTarget` took. */
export function lakePath(decoded: string): LakePath {
  const path = decoded.replace(/\/{2,}/g, '/');
  return { path, wire: path.split('/').map(encodeName).join('/'), learner: learnerOf(path) };
}

/** `/rucio/user/LOGIN` and below; a neighbour whose login begins the same is somebody else. */
export function learnerOf(path: string): string | null {
  const [, base, user, login = ''] = path.split('/');
  if (`/${base ?? ''}` !== EXPORT || user !== 'user') return null;
  return Login.safeParse(login).success ? login : null;
}

/**
 * Where Rucio keeps a file of a scope on a deterministic element (its `hash` algorithm).
 * @returns null for a name that no file there may have
 */
export function storedPath(scope: string, name: string): string | null {
  const hash = createHash('md5').update(`${scope}:${name}`).digest('hex');
  const path = `${EXPORT}/${scope.replaceAll('.', '/')}/${hash.slice(0, 2)}/${hash.slice(2, 4)}/${name}`;
  return name === '' || name.includes('/') || problemOf(path) !== null ? null : path;
}

function no(why: PathProblem): PathReading {
  return { ok: false, why };
}

/** @returns null where it is not percent encoding of UTF-8; bytes above 127 may come bare */
function decode(raw: string): string | null {
  if (/%(?![0-9a-fA-F]{2})/.test(raw)) return null;
  const bytes = Buffer.from(
    raw.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : null;
}

function problemOf(path: string): PathProblem | null {
  // a second round of decoding somewhere must not make a slash, a dot, a NUL or a query of it
  if (/[\p{Cc}?\\]/u.test(path) || /%(?:2f|2e|00|3f|5c)/i.test(path)) return 'character';
  const names = path.split('/');
  if (names.some((name) => name === '.' || name === '..')) return 'dots';
  if (names.some((name) => Buffer.byteLength(name) > NAME_BYTES) || Buffer.byteLength(path) > PATH_BYTES)
    return 'length';
  return null;
}

function encodeName(name: string): string {
  return encodeURIComponent(name).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
