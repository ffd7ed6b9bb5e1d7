/**
 * Short tokens in a sandbox, renewed well before they expire. A renewal that fails never ends a lab: the
 * learner is told once, and the next try follows (they may sign in again meanwhile).
 */
import type { Tokens } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import type { Lab } from '../contract/lab.ts';
import type { TokenNeed } from '../contract/lesson.ts';
import type { z } from 'zod';
import type { Identity, SandboxToken } from '../identity/face.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
import type { Log } from '../telemetry/index.ts';

export type Need = z.infer<typeof TokenNeed>;
export interface Recipient {
  readonly lab: string;
  readonly person: string;
  readonly agent: Pick<AgentLink, 'tokens'>;
}
export interface TokenRenewal {
  /** gives tokens now and keeps them fresh; in place of what the lab had. No needs: nothing. Throws where the first cannot be had. */
  give(to: Recipient, needs: readonly Need[]): Promise<void>;
  /** the same after a restart of the server: a failure is a warning, the lab runs on */
  resume(to: Recipient, needs: readonly Need[]): Promise<void>;
  state(lab: string): Lab['token'];
  stop(lab: string): void;
  close(): void;
}
interface Kept {
  readonly to: Recipient;
  readonly needs: readonly Need[];
  timer: NodeJS.Timeout | undefined;
  state: NonNullable<Lab['token']> | null;
  failures: number;
}
/** retry after 10 s, 20 s … at most 60 s: a provider's restart, or a learner signing in again */
const RETRY_MS = { first: 10_000, most: 60_000 } as const;
/** never spin, however short a token lives */
const SOONEST_MS = 1000;
/** a timer beyond 2^31 ms fires at once: a token that lives for months is renewed daily */
const LATEST_MS = 24 * 3600 * 1000;

export interface TokenRenewalOptions {
  readonly identity: Pick<Identity, 'sandboxToken'>;
  readonly clock: () => number;
  readonly log: Log;
  /** the lab's token changed: the page shows its life */
  readonly onChange: (lab: string) => void;
  readonly onWarning: (lab: string, text: string) => void;
}

export function createTokenRenewal(options: TokenRenewalOptions): TokenRenewal {
  const { identity, clock, log, onChange, onWarning } = options;
  const kept = new Map<string, Kept>();

  const stop = (lab: string): void => {
    clearTimeout(kept.get(lab)?.timer);
    kept.delete(lab);
  };
  const renew = async (keep: Kept): Promise<void> => {
    const tokens = await tokensFor(identity, keep.to.person, keep.needs);
    if (kept.get(keep.to.lab) !== keep) return;
    await keep.to.agent.tokens(tokens);
    const first = Math.min(...tokens.tokens.map((t) => t.expiresAt));
    keep.state = { expiresAt: first, renews: true };
    keep.failures = 0;
    schedule(keep, renewIn(first - clock(), Math.random()));
    onChange(keep.to.lab);
  };
  const schedule = (keep: Kept, ms: number): void => {
    // stopped while its tokens were under way: nothing may start its timer again
    if (kept.get(keep.to.lab) !== keep) return;
    clearTimeout(keep.timer);
    keep.timer = setTimeout(() => void renewOrWarn(keep), ms).unref();
  };
  const renewOrWarn = async (keep: Kept): Promise<void> => {
    try {
      await renew(keep);
    } catch (error) {
      if (kept.get(keep.to.lab) !== keep) return;
      failed(keep, error);
    }
  };
  const failed = (keep: Kept, error: unknown): void => {
    keep.failures += 1;
    schedule(keep, Math.min(RETRY_MS.first * 2 ** (keep.failures - 1), RETRY_MS.most));
    log.warn({ lab: keep.to.lab, failures: keep.failures, err: error }, 'a sandbox token was not renewed');
    keep.state = { expiresAt: keep.state?.expiresAt ?? clock(), renews: false };
    if (keep.failures === 1) onWarning(keep.to.lab, warningFor(error));
    onChange(keep.to.lab);
  };
  const begin = (to: Recipient, needs: readonly Need[]): Kept => {
    stop(to.lab);
    const keep: Kept = { to, needs, timer: undefined, state: null, failures: 0 };
    kept.set(to.lab, keep);
    return keep;
  };
  return {
    async give(to, needs) {
      if (needs.length === 0) {
        stop(to.lab);
        return;
      }
      const keep = begin(to, needs);
      try {
        await renew(keep);
      } catch (error) {
        if (kept.get(to.lab) === keep) stop(to.lab);
        throw error;
      }
    },
    async resume(to, needs) {
      if (needs.length > 0) await renewOrWarn(begin(to, needs));
    },
    state: (lab) => kept.get(lab)?.state ?? null,
    stop,
    close() {
      for (const lab of [...kept.keys()]) stop(lab);
    },
  };
}

async function tokensFor(
  identity: Pick<Identity, 'sandboxToken'>,
  person: string,
  needs: readonly Need[],
): Promise<Tokens> {
  const tokens = await Promise.all(
    needs.map((need) => identity.sandboxToken(person, need.audience, need.scope)),
  );
  const names = tokenNames(needs);
  return {
    tokens: tokens.map(({ token, expiresAt }: SandboxToken, i) => ({
      name: names[i] ?? 'default',
      token,
      expiresAt,
    })),
  };
}

/** The first is `default`, which BEARER_TOKEN_FILE names; each further one is called after its audience. */
export function tokenNames(needs: readonly Need[]): string[] {
  const names: string[] = [];
  for (const [i, need] of needs.entries()) {
    const base =
      i === 0
        ? 'default'
        : need.audience
            .toLowerCase()
            .replace(/^[a-z]+:\/\//, '')
            .replace(/[^a-z0-9]+/g, '-')
            .slice(0, 36) || 'token';
    let name = base;
    for (let n = 2; names.includes(name); n += 1) name = `${base}-${String(n)}`;
    names.push(name);
  }
  return names;
}

/** At 60–75 % of what is left, at random, so that a class does not renew in one second. */
export function renewIn(leftMs: number, random: number): number {
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, leftMs * (0.6 + 0.15 * random)));
}

function warningFor(error: unknown): string {
  if (error instanceof Problem && error.code === 'sign-in-again')
    return 'Your login has ended, so the token in your lab is no longer renewed. Sign in again; your lab runs on meanwhile.';
  return 'The token in your lab could not be renewed just now; another try follows by itself. Your lab runs on.';
}
