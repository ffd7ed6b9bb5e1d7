/** What the *Data* tab knows, and how each piece of news changes it. Pure. */
import type { LakeData, LakeNews, LakeTrouble } from '../../../../sandbox-server/contract/lake.ts';

export interface LakeState {
  /** null: nothing was heard yet */
  readonly data: LakeData | null;
  /** why `data` is not the newest, or is missing */
  readonly trouble: LakeTrouble | null;
}
export const NOTHING_HEARD: LakeState = { data: null, trouble: null };

export function hear(state: LakeState, news: LakeNews): LakeState {
  switch (news.type) {
    case 'all':
      return { data: news.data, trouble: null };
    case 'changed':
      // parts without a whole are of a stream whose beginning was missed: the next one begins anew
      return state.data === null
        ? state
        : { data: { ...state.data, ...definedOf(news.parts) }, trouble: null };
    case 'trouble':
      return { ...state, trouble: news.trouble };
    case 'restarting':
      return state;
  }
}

/** A part that is absent stays; only `undefined` written out would delete it. */
function definedOf(parts: Extract<LakeNews, { type: 'changed' }>['parts']): Partial<LakeData> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}
