/** What a screen reader is told when the lake changes: states, not numbers. Pure. */
import type { LakeData } from '../../../../sandbox-server/contract/lake.ts';
import { ruleWord } from './words.ts';
import { say } from '../words/data.ts';

/** more at once is a number, not a speech */
const MOST = 3;

/** @returns null where nothing is worth a word */
export function spokenChange(before: LakeData, after: LakeData): string | null {
  const said = [...ruleChanges(before, after), ...didChanges(before, after)];
  if (said.length === 0) return null;
  const rest = said.length - MOST;
  return said.slice(0, MOST).join(' ') + (rest > 0 ? say(' And {0} more changes.', rest) : '');
}

function ruleChanges(before: LakeData, after: LakeData): string[] {
  const known = new Map(before.rules.map((rule) => [rule.id, rule]));
  const there = new Set(after.rules.map(({ id }) => id));
  return [
    ...after.rules
      .filter((rule) => known.get(rule.id)?.state !== rule.state)
      .map((rule) => say('Rule for {0} at {1}: {2}.', rule.name, rule.expression, ruleWord(rule).word)),
    ...before.rules
      .filter(({ id }) => !there.has(id))
      .map((rule) => say('The rule for {0} at {1} is gone.', rule.name, rule.expression)),
  ];
}

function didChanges(before: LakeData, after: LakeData): string[] {
  const names = (data: LakeData) => new Set(data.dids.map(({ name }) => name));
  const [was, is] = [names(before), names(after)];
  return [
    ...[...is].filter((name) => !was.has(name)).map((name) => say('{0} is in the lake.', name)),
    ...[...was].filter((name) => !is.has(name)).map((name) => say('{0} is no longer in the lake.', name)),
  ];
}
