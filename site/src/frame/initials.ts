/** Two letters for the round mark in the header: of the first and last word of a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0] ?? '';
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  return (letter(first) + letter(last) || '?').toUpperCase();
}

function letter(word: string): string {
  return [...word].find((c) => /[\p{L}\p{N}]/u.test(c)) ?? '';
}
