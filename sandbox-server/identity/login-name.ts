/** The short name a person has in a sandbox (and, later, as a Rucio account): valid, and nobody else's. */
/** as the contract's `Login` says it */
const LONGEST = 25;
/** names that mean somebody else inside a sandbox or a service: Unix's own, Rucio's administrator, ours */
const RESERVED = new Set(
  'root admin administrator daemon bin sys sync games man lp mail news uucp proxy backup list irc nobody nogroup sudo wheel shadow palestra sandbox rucio system operator guest default'.split(
    ' ',
  ),
);

/**
 * Names to try in order; the last is made of the whole id and therefore free.
 * @param wished the provider's `preferred_username`, anything at all
 * @param id the person's id, 20 base32 characters
 */
export function loginNames(wished: string | undefined, id: string): readonly string[] {
  const base = squeezed(wished ?? '');
  const names = [base, `${base.slice(0, 12) || 'u'}${id.slice(0, 12)}`, `user${id}`];
  return names.filter((name) => name !== '' && !RESERVED.has(name));
}

/** `Åsa Öberg-Müller` → `asaobergmuller`: Latin letters lose their marks, everything else goes. */
function squeezed(name: string): string {
  const plain = name.slice(0, 300).normalize('NFKD').toLowerCase();
  return plain
    .replace(/[^a-z0-9]/g, '')
    .replace(/^[0-9]+/, '')
    .slice(0, LONGEST);
}
