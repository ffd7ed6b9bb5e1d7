/** Rules as sentences: what is wanted where, how far that is, when it ends, and Rucio's own words where it is stuck. */
import type { LakeRule } from '../../../../sandbox-server/contract/lake.ts';
import { copiesWanted, ending, locks, ruleWord } from './words.ts';
import { say } from '../words/data.ts';

export function Rules({ rules, now }: { rules: readonly LakeRule[]; now: number }) {
  return (
    <ul class="lake-list">
      {rules.map((rule) => (
        <Rule key={rule.id} rule={rule} now={now} />
      ))}
    </ul>
  );
}

function Rule({ rule, now }: { rule: LakeRule; now: number }) {
  const { word, tone, shape } = ruleWord(rule);
  return (
    <li>
      <div class="lake-line">
        <span class={`lab-pill ${tone}`}>
          <span aria-hidden="true">{shape} </span>
          {word}
        </span>
        <b>{rule.name}</b>
        <span class="lake-what-where">
          {say('{0} at ', copiesWanted(rule))}
          <code>{rule.expression}</code>
        </span>
      </div>
      <div class="lake-line lake-small">
        <Locks rule={rule} />
        <span>{locks(rule)}</span>
        <span>{ending(rule.expiresAt, now)}</span>
        <code class="lake-id" title={say('The rule’s id: {0}', rule.id)}>
          {rule.id.slice(0, 8)}
        </code>
      </div>
      {rule.error !== null && rule.state !== 'ok' && (
        <p class="lake-error">
          <span>{say('Rucio says: ')}</span>
          <code>{rule.error}</code>
        </p>
      )}
    </li>
  );
}

/** Its words stand below: for eyes only. */
function Locks({ rule }: { rule: LakeRule }) {
  const all = Math.max(1, rule.ok + rule.replicating + rule.stuck);
  return (
    <span class="lake-locks" aria-hidden="true">
      {(['ok', 'replicating', 'stuck'] as const)
        .filter((kind) => rule[kind] > 0)
        .map((kind) => (
          <i key={kind} class={kind} style={{ width: `${String((100 * rule[kind]) / all)}%` }} />
        ))}
    </span>
  );
}
