/** The learner that prove plays: a fresh sandbox and home, and what is known of them. */
import { randomBytes } from 'node:crypto';
import type { Catalogue, Filling } from '../../catalogue/face.ts';
import { fill } from '../../catalogue/fill.ts';
import type { Course } from '../../contract/lesson.ts';
import type { AgentLink, LinkTo } from '../../sandboxes/agent-link.ts';
import type { LabAccess } from '../../namespaces/face.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import { newId } from '../../sandboxes/ids.ts';
import type { Patience, Player } from '../replay/player.ts';
import { outputSince } from '../replay/terminal-output.ts';
import { createWorkshop } from '../workshop.ts';
import { belongingsOf, type Belongings, type ProofIdentity, type ProofServices } from './belongings.ts';

export interface Learner extends Player {
  readonly lab: string;
  readonly seed: string;
  /** what fills blanks now */
  filling(): Filling;
  readonly belongings: Belongings;
  leave(): Promise<void>;
}
export interface Means {
  readonly catalogue: Pick<Catalogue, 'filesFor' | 'fixturesFor'>;
  readonly driver: Pick<Driver, 'claim' | 'release' | 'discard' | 'lend'>;
  readonly linkTo: LinkTo;
  readonly services: ProofServices;
  /** absent: sandboxes are not pods of a cluster */
  readonly cluster?: LabAccess | undefined;
  /** absent: the provider is none that proofs can sign in at */
  readonly identity?: ProofIdentity | undefined;
}

const USER = 'prover';
const PATIENCE: Patience = { command: 300, until: 120, settle: 0 };

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
    return learnerOf(means, { lab, user, seed, agent });
  } catch (error) {
    await endLab(means, lab);
    throw error;
  }
}

interface Known {
  readonly lab: string;
  readonly user: string;
  readonly seed: string;
  readonly agent: AgentLink;
}

function learnerOf(means: Means, { lab, user, seed, agent }: Known): Learner {
  const book = bookOf(user);
  const belongings = belongingsOf({ ...means, lab, user, agent, identity: means.identity });
  return {
    lab,
    seed,
    belongings,
    filling: book.filling,
    workshop: createWorkshop({ ...means, agent, fill, strict: true, book }),
    patience: PATIENCE,
    terminals: { solutions: 'solution' },
    lastOutput: outputSince,
    async leave() {
      await belongings.leave();
      await endLab(means, lab);
    },
  };
}

/** What checks state is remembered; a proof keeps no progress. */
function bookOf(user: string): Parameters<typeof createWorkshop>[0]['book'] {
  const facts: Record<string, string> = {};
  return {
    filling: () => ({ user, facts }),
    // a lesson's own, in which its checks are written; lint holds that no translation is missing
    language: () => Promise.resolve('en'),
    learn: (more) => Promise.resolve(void Object.assign(facts, more)),
  };
}

async function endLab({ driver }: Means, lab: string): Promise<void> {
  await driver.release(lab);
  await driver.discard(lab);
}
