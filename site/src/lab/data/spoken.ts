/** What a screen reader is told when the lake changes: states, not numbers. Pure. */
import type { LakeData } from '../../../../sandbox-server/contract/lake.ts';
import { ruleWord } from './words.ts';

/** more at once is a number, not a speech */
const MOST = 3;

/** @returns null where nothing is worth a word */
export function spokenChange(before: LakeData, after: LakeData): string | null {
  const said = [...ruleChanges(before, after), ...didChanges(before, after)];
  if (said.length === 0) return null;
  const rest = said.length - MOST;
  return said.slice(0, MOST).join(' ') + (rest > 0 ? ` And ${String(rest)} more changes.` : '');
}

function ruleChanges(before: LakeData, after: LakeData): string[] {
  const known = new Map(before.rules.map((rule) => [rule.id, rule]));
  const there = new Set(after.rules.map(({ id }) => id));
  return [
    ...after.rules
      .filter((rule) => known.get(rule.id)?.state !== rule.state)
      .map((rule) => `Rule for ${rule.name} at ${rule.expression}: ${ruleWord(rule).word}.`),
    ...before.rules
      .filter(({ id }) => !there.has(id))
      .map((rule) => `The rule for ${rule.name} at ${rule.expression} is gone.`),
  ];
}

function didChanges(before: LakeData, after: LakeData): string[] {
  const names = (data: LakeData) => new Set(data.dids.map(({ name }) => name));
  const [was, is] = [names(before), names(after)];
  return [
    ...[...is].filter((name) => !was.has(name)).map((name) => `${name} is in the lake.`),
    ...[...was].filter((name) => !is.has(name)).map((name) => `${name} is no longer in the lake.`),
  ];
}
