/** An upload without a process: what Rucio's client does, in its order, for benches and for classes at once. */
import { createHash } from 'node:crypto';
import type { Learner } from './world.ts';

const RSES: Readonly<Record<string, string>> = {
  cnaf: 'CNAF_USERDISK',
  napoli: 'NAPOLI_USERDISK',
  archive: 'ARCHIVE_USERDISK',
};

/** Where Rucio's `hash` algorithm puts a file of a scope `user.LOGIN`, below /rucio; pure. */
export function pathOf(user: string, name: string): string {
  const hash = createHash('md5').update(`user.${user}:${name}`).digest('hex');
  return `/user/${user}/${hash.slice(0, 2)}/${hash.slice(2, 4)}/${name}`;
}

/** @throws Error where Rucio or the element refuse anything */
export async function put(learner: Learner, element: string, name: string, content: Buffer): Promise<void> {
  const path = pathOf(learner.user, name);
  const rse = RSES[element] ?? '';
  const parts = path.split('/').slice(1, -1);
  for (let n = 3; n <= parts.length; n += 1)
    await learner.element(element, `/${parts.slice(0, n).join('/')}`, { method: 'MKCOL', ms: 60_000 });
  const stored = await learner.element(element, path, { method: 'PUT', body: content, ms: 120_000 });
  if (stored.status >= 300) throw new Error(`${rse} answered PUT with ${stored.status}: ${stored.body}`);
  const file = { scope: learner.scope, name, bytes: content.length, adler32: adler32(content) };
  await learner.rows('POST', '/replicas', { rse, files: [{ ...file, state: 'A' }] });
  await rule(learner, name, rse);
}

/** @returns the rule's id */
export async function rule(learner: Learner, name: string, expression: string, copies = 1): Promise<string> {
  const [ids] = await learner.rows('POST', '/rules/', {
    dids: [{ scope: learner.scope, name }],
    account: learner.user,
    copies,
    rse_expression: expression,
  });
  return String((ids as unknown as readonly string[])[0]);
}

export async function ruleState(learner: Learner, id: string): Promise<string> {
  return String((await learner.rows('GET', `/rules/${id}`))[0]?.['state']);
}

/** RFC 1950; sums are reduced every 5552 bytes, before they pass 32 bits. */
function adler32(content: Buffer): string {
  let [a, b] = [1, 0];
  for (let at = 0; at < content.length; at += 5552) {
    for (const byte of content.subarray(at, at + 5552)) {
      a += byte;
      b += a;
    }
    [a, b] = [a % 65_521, b % 65_521];
  }
  return (b * 65_536 + a).toString(16).padStart(8, '0');
}
