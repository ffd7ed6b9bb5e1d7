/** Who the sandbox is for: said once. The same claim again is answered the same, another lab's is refused. */
import type { Claim } from '../contract/agent.ts';
import { Refusal } from './refusal.ts';

export interface Owner {
  readonly claim: Claim | null;
  /** @returns whether this was the first time */
  take(body: Record<string, unknown>): boolean;
  /** the claim, or Refusal `conflict` where nobody has the sandbox yet */
  required(): Claim;
}

export function createOwner(): Owner {
  let claim: Claim | null = null;
  return {
    get claim() {
      return claim;
    },
    take(body) {
      const next = parseClaim(body);
      if (claim === null) {
        claim = next;
        return true;
      }
      if (claim.lab !== next.lab) throw new Refusal('conflict', 'This sandbox belongs to another lab.');
      return false;
    },
    required() {
      if (claim === null) throw new Refusal('conflict', 'This sandbox has not been given to anybody yet.');
      return claim;
    },
  };
}

function parseClaim(body: Record<string, unknown>): Claim {
  const { lab, user, fullName, seed, env } = body;
  const good =
    matches(lab, /^[a-z2-7]{20}$/) &&
    matches(user, /^[a-z][a-z0-9]{0,24}$/) &&
    matches(seed, /^[0-9a-f]{16}$/) &&
    isText(fullName, 100) &&
    isEnvironment(env);
  if (!good) throw new Refusal('bad-request', 'The claim does not fit the contract.');
  return { lab, user, fullName: fullName.replace(/\p{Cc}/gu, ''), seed, env };
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}
export function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most && !value.includes('\0');
}
export function isEnvironment(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([name, text]) => /^[A-Z][A-Z0-9_]{0,40}$/.test(name) && isText(text, 4096),
  );
}
