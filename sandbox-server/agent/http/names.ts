/** The contract's names as plain patterns (contract/names.ts needs the schema library, which stays out of the agent). */
export const TerminalNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** contract/names.ts `isHomePath`, letter for letter; a test compares the two. */
export function isHomePath(path: string): boolean {
  if (path.length > 1024) return false;
  if (path === '') return true;
  if (/[\0\\]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** A port a learner's program may be reached on; null for anything else. */
export function parsePort(text: string): number | null {
  if (!/^[1-9]\d{3,4}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1024 && port <= 65535 ? port : null;
}
