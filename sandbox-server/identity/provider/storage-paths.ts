/** Whose paths a storage scope may name: `/user/LOGIN` is that person's alone. Pure. */
const STORAGE = /^storage\.(read|create|modify|stage):(.*)$/;
/** letters that need no second thought; whatever a server might decode or resolve is refused */
const PLAIN = /^\/[A-Za-z0-9._/-]*$/;

/**
 * @param username of the person the token is for
 * @param narrow whether writing is allowed below their own folder alone (a data lake), or anywhere but in others' folders
 * @returns the first scope that names what is not theirs; undefined: none does
 */
export function foreignScope(
  scopes: readonly string[],
  username: string,
  narrow: boolean,
): string | undefined {
  return scopes.find((scope) => {
    const [, verb, path] = STORAGE.exec(scope) ?? [];
    if (verb === undefined || path === undefined) return false;
    if (!isPlain(path)) return true;
    const [, top, owner] = path.split('/');
    if (top === 'user' && owner !== undefined) return owner !== username;
    return narrow && verb !== 'read';
  });
}

function isPlain(path: string): boolean {
  if (!PLAIN.test(path)) return false;
  const parts = path.slice(1).split('/');
  return parts.every((part, i) => part !== '.' && part !== '..' && (part !== '' || i === parts.length - 1));
}
