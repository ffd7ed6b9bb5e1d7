/** Keeps a signal true while its owner lives: the lake is asked only while this stream is open. */
import type { Signal } from '@preact/signals';
import type { LakeNews } from '../../../../sandbox-server/contract/lake.ts';
import { followEvents } from '../events/follow.ts';
import type { StreamState } from '../events/follow.ts';
import { speak } from '../work.ts';
import type { Work } from '../work.ts';
import { spokenChange } from './spoken.ts';
import { hear } from './state.ts';
import type { LakeState } from './state.ts';

export function followLake(
  work: Work,
  lab: string,
  lake: Signal<LakeState>,
  stream: Signal<StreamState>,
): Disposable {
  return followEvents<LakeNews>(
    `/api/labs/${lab}/data/events`,
    (news) => {
      const before = lake.value;
      lake.value = hear(before, news);
      const words = wordsOf(before, lake.value);
      if (words !== null) speak(work, words);
    },
    (state) => void (stream.value = state),
  );
}

/** A beginning is drawn and not spoken; what changed while nobody looked is spoken with the next change. */
function wordsOf(before: LakeState, after: LakeState): string | null {
  if (after.trouble !== null) return after.trouble === before.trouble ? null : after.trouble.message;
  if (before.data === null || after.data === null) return null;
  return spokenChange(before.data, after.data);
}
