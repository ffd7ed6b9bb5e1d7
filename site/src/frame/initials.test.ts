import { describe, expect, it } from 'vitest';
import { initials } from './initials.ts';

describe('initials', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['Ada', 'A'],
    ['  Maria  Grazia   Rossi ', 'MR'],
    ["d'Alembert Jean", 'DJ'],
    ['Élodie Ñandú', 'ÉÑ'],
    ['«Ada» (Byron)', 'AB'],
    ['𝒜 𝒷', '𝒜𝒷'.toUpperCase()],
    ['', '?'],
    ['--- ***', '?'],
  ])('of %j are %j', (name, wanted) => {
    expect(initials(name)).toBe(wanted);
  });
});
