/** What /my-labs/ says about a lab and offers to do with it. Pure; my-labs/page.ts draws it. */
import type { Lab, LabState } from '../../../sandbox-server/contract/lab.ts';

export type Offer = 'resume' | 'pause' | 'end';
export interface LabLine {
  readonly word: string;
  readonly tone: 'done' | 'wait' | 'plain' | 'bad';
  readonly text: string;
  readonly offers: readonly Offer[];
  /** something is under way: ask again soon */
  readonly moving: boolean;
}

const begins = new Set<LabState>(['queued', 'preparing', 'claiming', 'filling']);

export function lineOf(
  lab: Pick<Lab, 'state' | 'stages' | 'keptUntil' | 'problem'>,
  day: (at: number) => string,
): LabLine {
  const kept = `Kept until ${day(lab.keptUntil)}.`;
  if (begins.has(lab.state))
    return {
      word: 'starting',
      tone: 'wait',
      text: lab.stages.at(-1)?.text ?? 'Starting.',
      offers: ['end'],
      moving: true,
    };
  switch (lab.state) {
    case 'ready':
      return { word: 'running', tone: 'done', text: kept, offers: ['pause', 'end'], moving: false };
    case 'paused':
      return {
        word: 'paused',
        tone: 'plain',
        text: `Your files are kept. ${kept}`,
        offers: ['resume', 'end'],
        moving: false,
      };
    case 'pausing':
      return {
        word: 'pausing',
        tone: 'wait',
        text: 'Programs are being ended; files stay.',
        offers: [],
        moving: true,
      };
    case 'ending':
      return {
        word: 'ending',
        tone: 'wait',
        text: 'Files are being removed; progress stays.',
        offers: [],
        moving: true,
      };
    case 'failed':
      return {
        word: 'failed',
        tone: 'bad',
        text: lab.problem?.message ?? 'It did not start. Try again.',
        offers: ['resume', 'end'],
        moving: false,
      };
    default:
      return { word: 'ended', tone: 'plain', text: 'Progress is kept.', offers: [], moving: false };
  }
}

export const offerWords: Readonly<Record<Offer, string>> = { resume: 'Resume', pause: 'Pause', end: 'End…' };

/** Asked before a lab is ended: what goes and what stays. */
export function endQuestion(title: string): string {
  return `End the lab “${title}”? Its programs are ended and its files removed. Your progress stays.`;
}
