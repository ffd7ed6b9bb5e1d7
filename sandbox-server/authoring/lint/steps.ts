/** Steps that change something are checked; hints can be reached. Pure. */
import { isStep } from '../../catalogue/document.ts';
import type { Section } from '../../catalogue/document.ts';
import type { LessonFence } from '../../catalogue/fences.ts';
import type { Finding } from './finding.ts';
import { finding } from './page.ts';
import type { Page } from './page.ts';

/** @param scripts the course's fixtures and the lesson's own checks, in which a hint may be named too */
export function stepFindings(page: Page, scripts: readonly string[]): Finding[] {
  const steps = page.document?.sections.filter(isStep) ?? [];
  return steps.flatMap((step) => [...uncheckedFinding(step), ...hintFindings(step, scripts)]);
}

function uncheckedFinding(step: Section): Finding[] {
  if (step.questions.length > 0 || step.fences.some(({ kind }) => kind === 'check')) return [];
  const acts = step.fences.filter(({ kind }) => kind === 'run' || kind === 'edit' || kind === 'cell');
  const changing = acts.find(changes);
  const [first] = changing === undefined ? acts : [changing];
  if (first === undefined) return [];
  const reading = changing === undefined;
  const said = {
    level: reading ? ('warning' as const) : ('error' as const),
    message: reading
      ? `The step "${step.title}" checks nothing. It seems to be for reading alone.`
      : `The step "${step.title}" changes something and checks nothing.`,
    expected: 'a check, a question, or <!-- lint-ok unchecked-step: why --> in the step',
    received: first.kind === 'edit' ? `edit file=${first.file}` : (first.code.split('\n')[0] ?? ''),
  };
  return [finding('unchecked-step', reading ? step.place : first.place, said)];
}

/** Words of commands that leave something behind. */
const CHANGING = new RegExp(
  [
    // a file that is written, unless it is the bin
    String.raw`(?<![0-9&<=-])>{1,2}(?!\s*(?:\/dev\/null|&))`,
    String.raw`(?:^|[\s;&|(])(?:tee|mv|cp|rm|rmdir|mkdir|touch|ln|chmod|chown|dd|install|truncate|patch|unzip|tar\s+-?x)\s`,
    String.raw`\bsed\s+-i`,
    String.raw`(?:^|[\s;&|(])(?:pip|conda|mamba|npm|apt|apt-get|dnf|git|make|cmake|sbatch|scancel|condor_submit|condor_rm|kill)\s`,
    // verbs of clients such as rucio, kubectl and gfal
    String.raw`(?:^|\s)(?:add|set|unset|upload|create|delete|remove|update|apply|submit|put|move|patch|scale)(?=\s|$)`,
  ].join('|'),
  'm',
);
/** git and make have questions too. */
const ASKS = /^\s*(?:git\s+(?:status|log|diff|show|branch\s*$)|make\s+-n)\b/;

function changes(fence: LessonFence): boolean {
  if (fence.kind === 'edit') return true;
  if (fence.kind === 'run')
    return fence.code.split('\n').some((line) => CHANGING.test(line) && !ASKS.test(line));
  return (
    fence.kind === 'cell' &&
    /\.write(?:_text|_bytes)?\(|\.to_(?:csv|parquet|json)\(|open\([^)]*["'][wa]/.test(fence.code)
  );
}

function hintFindings(step: Section, scripts: readonly string[]): Finding[] {
  const checks = step.fences.filter(({ kind }) => kind === 'check').map(({ code }) => code);
  const wrongs = step.fences.flatMap((fence) => (fence.kind === 'wrong' ? [fence.hint] : []));
  const service = step.fences.some((fence) => fence.kind === 'check' && fence.as !== undefined);
  return step.hints
    .filter((hint) => !hint.afterTries && !hint.afterSeconds && !hint.when && hint.unproven === undefined)
    .filter(
      ({ id }) =>
        !service && !wrongs.includes(id) && ![...checks, ...scripts].some((code) => names(code, id)),
    )
    .map(({ id, title, place }) =>
      finding('untested-hint', place, {
        message: `Nothing ever shows the hint "${title}".`,
        expected: `echo "hint ${id}" in a check of this step, a wrong hint=${id}, or after, when or unproven`,
        received: `{#${id}}`,
      }),
    );
}

/** The id as a word of its own; a check in Python hands it on as a string. */
function names(code: string, id: string): boolean {
  for (let at = code.indexOf(id); at !== -1; at = code.indexOf(id, at + 1))
    if (!/[\w-]/.test(code[at - 1] ?? ' ') && !/[\w-]/.test(code[at + id.length] ?? ' ')) return true;
  return false;
}
