/** What a lesson gives its learner besides a kit, in a proof: services, a namespace and tokens, for an account that no proof had before. */
import { randomBytes } from 'node:crypto';
import type { Lesson } from '../../contract/lesson.ts';
import { Problem } from '../../contract/errors.ts';
import type { SandboxToken } from '../../identity/face.ts';
import { personId } from '../../identity/person-id.ts';
import { lendServices, needsOf, tokenNames } from '../../labs/index.ts';
import type { LabAccess } from '../../namespaces/face.ts';
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import type { Driver } from '../../sandboxes/driver.ts';
import type { Services } from '../../services/face.ts';

export type ProofServices = Pick<
  Services,
  'get' | 'status' | 'ready' | 'admit' | 'dismiss' | 'address' | 'call'
>;
/** The identity provider's side of a learner whom no person signed in as. */
export interface ProofIdentity {
  subject(login: string): Promise<string>;
  token(login: string, audience: string, scope: string): Promise<SandboxToken>;
}

export interface Belongings {
  /** of this lesson, and no other's any more */
  give(lesson: Lesson): Promise<void>;
  /** tokens that are old are given anew; to be called before each step */
  freshen(): Promise<void>;
  /** leaves nothing behind at the services */
  leave(): Promise<void>;
}
export interface BelongingsOf {
  readonly lab: string;
  readonly user: string;
  readonly agent: AgentLink;
  readonly driver: Pick<Driver, 'lend'>;
  readonly services: ProofServices;
  readonly identity: ProofIdentity | undefined;
  readonly cluster?: LabAccess | undefined;
}

/** a sandbox's tokens live 20 minutes */
const FRESH_MS = 8 * 60_000;

/** An account's name that nobody had: what an earlier proof left at a service must not make this one green. */
export function newLogin(): string {
  return `prove${randomBytes(6).toString('hex')}`;
}

export function belongingsOf({
  lab,
  user,
  agent,
  driver,
  services,
  identity,
  cluster,
}: BelongingsOf): Belongings {
  /** whom no namespace was ever made for */
  const person = { id: personId('palestra prove', lab), login: user, groups: [] };
  const live = { shared: { agent }, lent: false };
  const admitted = new Set<string>();
  let open: Lesson | null = null;
  let onCluster = false;
  let givenAt = 0;

  const admit = async (name: string): Promise<void> => {
    if (admitted.has(name)) return;
    await services.admit(name, { login: user, subject: await subjectOf(identity, user) });
    admitted.add(name);
  };
  const giveTokens = async (lesson: Lesson): Promise<void> => {
    const needs = needsOf(lesson, user);
    if (needs.length === 0) return;
    if (identity === undefined) throw nobody();
    const names = tokenNames(needs);
    const tokens = await Promise.all(needs.map((need) => identity.token(user, need.audience, need.scope)));
    await agent.tokens({
      tokens: tokens.map(({ token, expiresAt }, i) => ({ name: names[i] ?? 'default', token, expiresAt })),
    });
    givenAt = Date.now();
  };
  const giveCluster = async ({ needs }: Lesson): Promise<void> => {
    if (needs.cluster === undefined) return cluster?.stop(lab);
    onCluster = true;
    await cluster?.open({ lab, person, needs: [needs.cluster], link: agent }, () => undefined);
  };
  return {
    async give(lesson) {
      open = lesson;
      for (const name of lesson.needs.services) await admit(name);
      await lendServices({ driver, services }, { lab, user, live }, lesson.needs.services);
      await giveCluster(lesson);
      await giveTokens(lesson);
    },
    async freshen() {
      if (open !== null && Date.now() - givenAt > FRESH_MS) await giveTokens(open);
    },
    async leave() {
      for (const name of admitted) await services.dismiss(name, user);
      if (onCluster) await cluster?.end(person, lab);
    },
  };
}

/**
 * Starts what is down. What runs in part is not mended: a proof says how things are.
 * @throws Problem `unavailable` naming what ails
 */
export async function provide(
  services: ProofServices,
  name: string,
  log: (line: string) => void,
): Promise<void> {
  const { state, parts } = await services.status(name);
  if (state === 'up') return;
  if (state === 'down')
    return services.ready(name, {
      onStage: ({ service, state: at, text }) => at === 'begun' && log(`  ${service}: ${text}`),
    });
  const ailing = parts.filter(({ ok }) => !ok).map((part) => `${part.name}: ${part.found}`);
  throw new Problem('unavailable', `${name} runs in part, so nothing is proven on it. ${ailing.join('; ')}.`);
}

async function subjectOf(identity: ProofIdentity | undefined, user: string): Promise<string> {
  if (identity === undefined) throw nobody();
  return identity.subject(user);
}

function nobody(): Problem {
  return new Problem(
    'unavailable',
    'This lesson needs somebody who is signed in. Proofs sign in at the development provider alone: take `oidc` out of the settings.',
  );
}
