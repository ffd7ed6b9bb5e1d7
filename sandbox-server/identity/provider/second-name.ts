/**
 * A second name of the same provider: services of this machine whose tokens must come from an https issuer (XRootD's
 * and Rucio's libraries insist on it) get them under that name, signed by the same key. Pure.
 */
export interface SecondName {
  /** as it stands in `iss`, slash and all */
  readonly issuer: string;
  /** what people's tokens under this name may be for */
  readonly audiences: readonly string[];
  /** what only servers may ask for, in their own name: see `ownRight` */
  readonly servers?: readonly ServerRight[];
}
/** What a server may ask for in its own name: any of these scopes for any of these audiences, and no other pair. */
export interface ServerRight {
  readonly client: string;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
}

/** @returns the words of an `audience` parameter: one, or several with spaces between, as IAM takes them */
export function wordsOf(text: string | undefined): string[] {
  return (text ?? '').split(' ').filter((word) => word !== '');
}

/** @returns `iss` for these audiences; null where some belong to one name and some to the other */
export function issuerFor(
  audiences: readonly string[],
  own: string,
  second: SecondName | undefined,
): string | null {
  if (second === undefined || audiences.length === 0) return own;
  const theirs = new Set([
    ...second.audiences,
    ...(second.servers ?? []).flatMap((right) => right.audiences),
  ]);
  const n = audiences.filter((audience) => theirs.has(audience)).length;
  if (n === 0) return own;
  return n === audiences.length ? second.issuer : null;
}
