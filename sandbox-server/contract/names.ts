/** Names that appear in addresses, folders and labels: parsed once at the edge, true inside. */
import { z } from 'zod';

/** A course or lesson id: the folder's own name, e.g. `dask`, `1-local-cluster`. */
export const Slug = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/);
/** A step's id: the slug of its English heading; may be longer than a folder's name. */
export const StepId = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?$/);
/** 20 lower-case base32 characters (100 bits): unguessable, and a legal DNS label. */
export const Id = z.string().regex(/^[a-z2-7]{20}$/);
/** A terminal's name as shown on its tab; `1` is the first. */
export const TerminalName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/);
/** A port a learner's program may be previewed on; below 1024 nothing of theirs can listen. */
export const Port = z.number().int().min(1024).max(65535);
/** The learner's name in the sandbox: at most 25 characters (Rucio's bound on accounts). */
export const Login = z.string().regex(/^[a-z][a-z0-9]{0,24}$/);
/**
 * A path inside the learner's home, POSIX, relative, without `.`/`..` parts, NUL or backslash.
 * `''` is the home itself. At most 1024 characters.
 */
export const HomePath = z
  .string()
  .max(1024)
  .refine(isHomePath, { message: 'a relative path inside the home, without . or .. parts' });

export function isHomePath(path: string): boolean {
  if (path === '') return true;
  if (/[\0\\]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
/** What pages are written in, and what checks speak. */
export const Language = z.enum(['en', 'it']);
export type Language = z.infer<typeof Language>;
export type Slug = string;
export type Id = string;
