import { describe, expect, it } from 'vitest';
import { entryAt, entryOf, WORDS } from './words.ts';

describe('the entry of a lesson', () => {
  it('is its path, and begins with the language of a translation', () => {
    const lesson = { course: 'dask', id: '2-graph' };
    expect([entryOf(lesson, 'en'), entryOf(lesson, 'it')]).toEqual(['dask/2-graph', 'it/dask/2-graph']);
  });

  it.each(['en', 'it'] as const)('is found by the file that %s is written in', (language) => {
    const lesson = { course: 'dask', id: '2-graph' };
    expect(entryAt(`dask/2-graph/${WORDS[language].file}`)).toBe(entryOf(lesson, language));
  });
});

it('counts steps as each language does', () => {
  expect([1, 2].map(WORDS.en.steps)).toEqual(['1 step', '2 steps']);
  expect([1, 2].map(WORDS.it.steps)).toEqual(['1 passo', '2 passi']);
});
