/** The verb `log`: what Rucio, the elements and the transfer service wrote of one learner, in the order of time. */
import { z } from 'zod';
import type { Act } from '../elements/verbs.ts';
import { logOf } from '../part.ts';
import type { LakePlace } from '../place.ts';
import { requestsLog } from '../rucio/ground.ts';
import type { Admission } from './admission.ts';
import { Duration, read } from './arguments.ts';
import { requestsOf } from './requests-log.ts';
import { transfersOf } from './transfers-log.ts';

export interface Line {
  /** ms since the epoch */
  readonly time: number;
  readonly text: string;
}

/** how long back, in seconds, when nobody says */
const SINCE = 600;
/** what a check shows; all of it is in `lines` */
const SHOWN = 20;

export function logVerb(tools: { place: LakePlace; admission: Admission }, ofElements: Act): Act {
  const { place, admission } = tools;
  return async (user, words) => {
    const { since, element } = read(
      { since: Duration.default(SINCE), element: z.string().optional() },
      words,
    );
    const from = Date.now() - since * 1000;
    const subject = await admission.subjectOf(user);
    const elsewhere = element !== undefined;
    const all = await Promise.all([
      elementLines(ofElements, user, words),
      elsewhere ? [] : requestsOf(requestsLog(place), { user, subject, since: from }),
      elsewhere ? [] : transfersOf(logOf(place, 'transfer'), { user, since: from }),
    ]);
    const lines = all.flat().sort((a, b) => a.time - b.time);
    const texts = lines.map(({ time, text }) => `${new Date(time).toISOString().slice(11, 19)} ${text}`);
    const shown = texts.slice(-SHOWN).join('\n').slice(-2000);
    return { said: shown === '' ? 'Nothing was asked.' : shown, lines: texts };
  };
}

async function elementLines(
  ofElements: Act,
  user: string,
  words: Readonly<Record<string, string>>,
): Promise<readonly Line[]> {
  const answer = await ofElements(user, words);
  const entries = answer['entries'] as readonly { time: string }[];
  const lines = answer['lines'] as readonly string[];
  // its lines begin with the time of day, as ours will
  return entries.map(({ time }, at) => ({ time: Date.parse(time), text: (lines[at] ?? '').slice(9) }));
}
