import { expect, it } from 'vitest';
import { draftToOffer } from './drafts.ts';
import type { Draft } from './drafts.ts';

const draft = (tab: string, at: number, text: string): Draft => ({
  lab: 'l',
  path: 'p',
  tab,
  at,
  text,
  etag: 'e',
});

it('offers the newest draft of a closed tab', () => {
  expect(
    draftToOffer([draft('a', 1, 'old'), draft('b', 3, 'new'), draft('c', 2, 'mid')], new Set(), 'saved'),
  ).toMatchObject({ text: 'new' });
});

it('offers none of a tab that lives, and none that equals what is saved', () => {
  expect(draftToOffer([draft('a', 3, 'new')], new Set(['a']), 'saved')).toBeNull();
  expect(draftToOffer([draft('a', 3, 'saved'), draft('b', 1, 'older')], new Set(), 'saved')).toMatchObject({
    text: 'older',
  });
  expect(draftToOffer([], new Set(), '')).toBeNull();
});
