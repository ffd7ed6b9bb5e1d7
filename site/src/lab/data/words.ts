/** Sizes, times and states of the lake in words. Pure. */
import type {
  CopyState,
  LakeCopy,
  LakeDid,
  LakeRule,
  LakeTransfer,
} from '../../../../sandbox-server/contract/lake.ts';
import { say } from '../words/data.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** @returns e.g. `0 B`, `2.0 MB`, `16 MB`; decimal, as Rucio counts */
export function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 9.95 ? String(Math.round(value)) : value.toFixed(1)} ${UNITS[power] ?? 'B'}`;
}
/** @returns e.g. `6.1 of 16 MB`: both in the unit of the larger */
export function sizeOf(done: number, all: number): string {
  const whole = size(all);
  const unit = whole.split(' ')[1] ?? 'B';
  const part = done / 1000 ** Math.max(0, UNITS.indexOf(unit as (typeof UNITS)[number]));
  const said = part === 0 || part >= 9.95 || unit === 'B' ? String(Math.round(part)) : part.toFixed(1);
  return say('{0} of {1}', said, whole);
}

const STEPS = [
  [86_400, '{0} days'],
  [3600, '{0} hours'],
  [60, '{0} minutes'],
  [1, '{0} seconds'],
] as const;

/** @returns e.g. `23 hours`, `1 minute`: rounded down to the largest unit of which two are full, else the next */
export function lasting(seconds: number): string {
  const [unit, name] = STEPS.find(([length]) => seconds >= 2 * length) ?? [1, '{0} seconds'];
  const count = Math.floor(seconds / unit);
  // only of seconds can there be one: two of a unit are full, or the next is taken
  return count === 1 ? say('1 second') : say(name, count);
}
/** When a rule ends. @param now ms since the epoch by this page's clock */
export function ending(expiresAt: number | null, now: number): string {
  if (expiresAt === null) return say('never ends');
  const seconds = (expiresAt - now) / 1000;
  return seconds < 1 ? say('has ended, goes any moment') : say('ends in {0}', lasting(seconds));
}

export interface Word {
  readonly word: string;
  /** of the pill: the look's states of a step */
  readonly tone: 'done' | 'waiting' | 'not-done' | 'todo';
  readonly shape: string;
}
const RULES: Readonly<Record<LakeRule['state'], Word>> = {
  ok: { word: 'OK', tone: 'done', shape: '✓' },
  replicating: { word: say('replicating'), tone: 'waiting', shape: '◔' },
  stuck: { word: say('stuck'), tone: 'not-done', shape: '✕' },
  suspended: { word: say('suspended'), tone: 'not-done', shape: '✕' },
  'waiting-approval': { word: say('waits for approval'), tone: 'waiting', shape: '◔' },
  inject: { word: say('being made'), tone: 'waiting', shape: '◔' },
};
export function ruleWord({ state }: Pick<LakeRule, 'state'>): Word {
  return RULES[state];
}
/** Rucio's three counters of file copies: held, awaited, given up for now; those that count something. */
export function locks({ ok, replicating, stuck }: Pick<LakeRule, 'ok' | 'replicating' | 'stuck'>): string {
  const all = [
    [ok, 'OK'],
    [replicating, say('replicating')],
    [stuck, say('stuck')],
  ] as const;
  const said = all.filter(([count]) => count > 0).map(([count, word]) => `${String(count)} ${word}`);
  return said.length === 0 ? say('no file yet') : said.join(' · ');
}
export function copiesWanted(rule: LakeRule): string {
  return rule.copies === 1 ? say('1 copy') : say('{0} copies', rule.copies);
}

const COPIES: Readonly<Record<CopyState, { readonly words: string; readonly shape: string }>> = {
  here: { words: say('copy'), shape: '✓' },
  copying: { words: say('on its way'), shape: '◔' },
  away: { words: say('cannot be read now'), shape: '◌' },
  bad: { words: say('damaged'), shape: '!' },
  leaving: { words: say('being deleted'), shape: '⌫' },
};
/** @param copy undefined: none at this element */
export function copyWord(
  did: Pick<LakeDid, 'kind'>,
  copy: LakeCopy | undefined,
): { words: string; shape: string } {
  if (copy === undefined) return { words: say('none'), shape: '–' };
  const { words, shape } = COPIES[copy.state];
  if (did.kind === 'file') return { words, shape };
  const part = say('{0} of {1} files', copy.have, copy.of);
  return {
    words: copy.state === 'here' ? part : `${part}, ${words}`,
    shape: `${String(copy.have)}/${String(copy.of)}`,
  };
}

export function transferWords(transfer: LakeTransfer, now: number): string {
  const { state, bytes, done, rate, since } = transfer;
  if (state === 'failed') return say('failed');
  if (state === 'waiting') return say('waits its turn · {0}', lasting(Math.max(0, (now - since) / 1000)));
  const far =
    done !== null && bytes !== null ? sizeOf(done, bytes) : bytes === null ? say('moving') : size(bytes);
  return rate === null ? far : `${far} · ${size(rate)}/s`;
}
/** 0…1; null: not known */
export function share({ done, bytes }: Pick<LakeTransfer, 'done' | 'bytes'>): number | null {
  return done === null || bytes === null || bytes === 0 ? null : Math.min(1, done / bytes);
}
