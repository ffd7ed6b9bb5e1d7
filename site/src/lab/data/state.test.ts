import { describe, expect, it } from 'vitest';
import type { LakeTrouble } from '../../../../sandbox-server/contract/lake.ts';
import { NOTHING_HEARD, hear } from './state.ts';
import { lake, rule } from './testing/lakes.ts';

const trouble: LakeTrouble = { reason: 'down', message: 'It does not answer.', todo: 'Wait.' };

describe('hearing of the lake', () => {
  it('a beginning is all there is; changes lay parts over it', () => {
    const begun = hear(NOTHING_HEARD, { type: 'all', data: lake({ moreDids: 3 }) });
    const changed = hear(begun, { type: 'changed', parts: { rules: [rule('a')], transfers: null } });
    expect(changed.data).toEqual(lake({ moreDids: 3, rules: [rule('a')], transfers: null }));
    expect(begun.data?.rules).toEqual([]);
  });
  it('a trouble keeps what was known; news of any kind end it', () => {
    const begun = hear(NOTHING_HEARD, { type: 'all', data: lake({}) });
    const troubled = hear(begun, { type: 'trouble', trouble });
    expect(troubled).toEqual({ data: lake({}), trouble });
    expect(hear(troubled, { type: 'all', data: lake({}) }).trouble).toBeNull();
    expect(hear(NOTHING_HEARD, { type: 'trouble', trouble })).toEqual({ data: null, trouble });
  });
  it('parts without a whole are not believed, a restart changes nothing', () => {
    expect(hear(NOTHING_HEARD, { type: 'changed', parts: { moreDids: 1 } })).toEqual(NOTHING_HEARD);
    expect(hear(NOTHING_HEARD, { type: 'restarting' })).toBe(NOTHING_HEARD);
  });
});
