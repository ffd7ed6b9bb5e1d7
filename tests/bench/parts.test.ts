import { expect, it } from 'vitest';
import { inTurn } from './parts.ts';
import { figure, show } from './table.ts';

it('a part that fails is a row with its reason, and the parts after it are measured', async () => {
  const broken = { name: 'a peer', run: () => Promise.reject(new Error('it does not build\nat line 3')) };
  const whole = { name: 'b', run: () => Promise.resolve([figure('ms', [3], { op: '<=', value: 4 })]) };
  const rows = await inTurn([broken, whole], () => undefined);
  expect(rows.map(({ what, holds }) => [what, holds])).toEqual([
    ['a peer', false],
    ['ms', true],
  ]);
  const text = show({ name: 'x', rounds: 1, machine: 'm', rows });
  expect(text).toMatch(/a peer +FAILED: it does not build\n/);
});
