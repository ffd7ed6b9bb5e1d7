/**
 * One cookie out of a Cookie header. A name that stands there twice was put there by somebody else too
 * (cookie tossing, T12): then there is no such cookie.
 */
export function onlyCookie(header: string | undefined, name: string): string | undefined {
  const values = cookiePairs(header)
    .filter(([key]) => key === name)
    .map(([, value]) => value);
  return values.length === 1 ? values[0] : undefined;
}

/** The header without the cookies that `drop` names; undefined where none is left. */
export function cookiesWithout(
  header: string | undefined,
  drop: (name: string) => boolean,
): string | undefined {
  const kept = cookiePairs(header).filter(([name]) => !drop(name));
  return kept.length === 0 ? undefined : kept.map(([name, value]) => `${name}=${value}`).join('; ');
}

function cookiePairs(header: string | undefined): readonly (readonly [string, string])[] {
  return (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals < 0
        ? (['', part] as const)
        : ([part.slice(0, equals).trim(), part.slice(equals + 1).trim()] as const);
    });
}
