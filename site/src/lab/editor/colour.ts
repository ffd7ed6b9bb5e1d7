/** Monaco takes `#rrggbb` and throws at the `#fff` that a minifier makes of it. */
export function sixDigits(colour: string): string {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(colour);
  return short === null ? colour : `#${[1, 2, 3].map((i) => `${short[i] ?? ''}${short[i] ?? ''}`).join('')}`;
}
