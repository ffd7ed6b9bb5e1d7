/** The learner that prove plays: a fresh sandbox and home, and what is known of them. */
import { randomBytes } from 'node:crypto';
import type { Catalogue, LessonFile } from '../../catalogue/face.ts';
import { fill } from '../../catalogue/fill.ts';
import type { RunResult } from '../../contract/agent.ts';
import type { Course, Lesson, Place, Step } from '../../contract/lesson.ts';
import type { AgentLink, LinkTo } from '../../sandboxes/agent-link.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import { newId } from '../../sandboxes/ids.ts';
import { scriptFor } from '../script.ts';
import { isForService, runVerbs } from '../service-fence.ts';
import { belongingsOf, type Belongings, type ProofIdentity, type ProofServices } from './belongings.ts';
import { LessonFailure } from './failure.ts';
import { followCommands } from './finished-commands.ts';
import type { FinishedCommands } from './finished-commands.ts';

export interface Learner {
  readonly lab: string;
  readonly seed: string;
  readonly agent: AgentLink;
  readonly commands: FinishedCommands;
  /** blanks filled. @throws LessonFailure where a fact is asked for that no check has stated */
  filled(text: string, place: Place): string;
  learn(facts: Readonly<Record<string, string>>): void;
  run(lesson: Lesson, script: Script, step?: Step): Promise<RunResult>;
  readonly belongings: Belongings;
  leave(): Promise<void>;
}
export interface Script {
  readonly lang: string;
  readonly code: string;
  readonly place: Place;
  /** seconds */
  readonly timeout: number;
  /** verbs of this service instead of a script */
  readonly as?: string | undefined;
}
export interface Means {
  readonly catalogue: Pick<Catalogue, 'filesFor' | 'fixturesFor'>;
  readonly driver: Pick<Driver, 'claim' | 'release' | 'discard' | 'lend'>;
  readonly linkTo: LinkTo;
  readonly services: ProofServices;
  /** absent: the provider is none that proofs can sign in at */
  readonly identity?: ProofIdentity | undefined;
}

const USER = 'prover';

/**
 * Claims a sandbox for nobody who was there before. Whoever gets the learner makes it leave.
 * @param user the name; one that nobody had, where services keep what it stands for
 */
export async function newLearner(means: Means, course: Course, kit: string, user = USER): Promise<Learner> {
  const lab = newId();
  const sandbox = await means.driver.claim({ lab, kit });
  try {
    const agent = means.linkTo(sandbox);
    // a new seed each time: a lesson that holds for one set of inputs alone is found out
    const seed = randomBytes(8).toString('hex');
    await agent.claim({ lab, user, fullName: `Proof of ${course.id}`.slice(0, 100), seed, env: {} });
    const belongings = belongingsOf({ ...means, lab, user, agent, identity: means.identity });
    return learnerOf(means, user, { lab, seed, agent, belongings, commands: await followCommands(agent) });
  } catch (error) {
    await endLab(means, lab);
    throw error;
  }
}

function learnerOf(
  means: Means,
  user: string,
  known: Pick<Learner, 'lab' | 'seed' | 'agent' | 'belongings' | 'commands'>,
): Learner {
  const facts: Record<string, string> = {};
  const fixtures = new Map<string, readonly LessonFile[]>();
  const filled = (text: string, place: Place): string => {
    const { text: whole, missing } = fill(text, { user, facts });
    if (missing.length > 0)
      throw new LessonFailure(`No check has stated ${missing.join(', ')} yet.`, { place, command: text });
    return whole;
  };
  return {
    ...known,
    filled,
    learn: (more) => void Object.assign(facts, more),
    async run(lesson, script, step) {
      if (isForService(script)) {
        const { services } = means;
        return runVerbs(script, { services, user, fill, filling: { user, facts }, timeout: script.timeout });
      }
      const files = fixtures.get(lesson.id) ?? (await means.catalogue.fixturesFor(lesson));
      fixtures.set(lesson.id, files);
      const code = filled(script.code, script.place);
      const needs = {
        lesson: lesson.id,
        filling: { user, facts },
        fill,
        fixtures: files,
        timeout: script.timeout,
      };
      return known.agent.run(
        scriptFor({ ...script, code }, { ...needs, ...(step !== undefined && { step: step.id }) }),
      );
    },
    async leave() {
      known.commands[Symbol.dispose]();
      await known.belongings.leave();
      await endLab(means, known.lab);
    },
  };
}

async function endLab({ driver }: Means, lab: string): Promise<void> {
  await driver.release(lab);
  await driver.discard(lab);
}
