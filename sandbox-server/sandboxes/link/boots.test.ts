import { expect, it } from 'vitest';
import { createBoots } from './boots.ts';

it('the boot that was heard last counts, and no more are kept than may be', () => {
  const boots = createBoots(2);
  boots.learn('a', '1');
  boots.learn('b', '1');
  boots.learn('a', '2');
  expect(boots.of('a')).toBe('2');
  boots.learn('c', '1');
  expect([boots.of('a'), boots.of('b'), boots.of('c')]).toEqual(['2', undefined, '1']);
});
