/**
 * A fence `as=SERVICE`: verbs that a service offers to lessons, run outside the sandbox for this learner alone. What
 * is said takes the place of what a script prints, so that everything after it is the same.
 */
import type { Fill, Filling } from '../catalogue/face.ts';
import type { RunResult } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import { readVerbLines } from '../contract/verb-lines.ts';
import type { Services } from '../services/face.ts';
import { at, type Runnable } from './script.ts';

/** exit status of a program that ran past its time, as the agent says it */
const LATE = 124;

export interface VerbNeeds {
  readonly services: Pick<Services, 'call'>;
  /** whose: never from the fence */
  readonly user: string;
  readonly fill: Fill;
  readonly filling: Filling;
  /** seconds in all */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

/**
 * Its lines one after the other; the first that does not end with 0 is the last.
 * @throws Problem `internal` naming the place where a line is no verb, or what the service threw
 */
export async function runVerbs(
  fence: Runnable & { readonly as: string },
  needs: VerbNeeds,
): Promise<RunResult> {
  const began = performance.now();
  const { text, missing } = needs.fill(fence.code, needs.filling);
  if (missing.length > 0) throw fault(fence, `needs ${missing.join(', ')}, which no check has stated`);
  const { lines, mistake } = readVerbLines(text);
  if (mistake !== null) throw fault(fence, `cannot be read: line ${mistake.line}, ${mistake.why}`);
  const late = AbortSignal.timeout(needs.timeout * 1000);
  const signal = needs.signal === undefined ? late : AbortSignal.any([late, needs.signal]);
  const said: string[] = [];
  let exit = 0;
  try {
    for (const { verb } of lines) {
      if (exit !== 0) break;
      const answer = await needs.services.call(fence.as, verb, needs.user, signal);
      // facts before the sentence: a check's last plain line is what the learner is told
      said.push(...Object.entries(answer.facts).map(([name, value]) => `fact ${name}=${value}`), answer.said);
      exit = answer.exit;
    }
  } catch (error) {
    if (!late.aborted) throw error;
    return { exit: LATE, stdout: said.join('\n'), stderr: '', ms: performance.now() - began, timedOut: true };
  }
  return { exit, stdout: said.join('\n'), stderr: '', ms: performance.now() - began, timedOut: false };
}

/** @returns whether this fence is a service's to run */
export function isForService<F extends Runnable & { readonly as?: string | undefined }>(
  fence: F,
): fence is F & { readonly as: string } {
  return fence.as !== undefined;
}

function fault(fence: Runnable, what: string): Problem {
  return new Problem('internal', `The fence at ${at(fence.place)} ${what}. Tell whoever wrote the lesson.`);
}
