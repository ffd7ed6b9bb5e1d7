/**
 * What every driver must do, whatever a sandbox is made of. Each driver's test calls this with its own maker
 * and adds what is its alone.
 */
import { request } from 'node:http';
import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answers } from './agent-process/answers.ts';
import type { Driver, Sandbox, SandboxEvent } from './driver.ts';
import { newId } from './ids.ts';

export interface Subject {
  readonly driver: Driver;
  /** a kit that is ready */
  readonly kit: string;
  /** end a sandbox behind the driver's back */
  kill(sandbox: Sandbox): Promise<void>;
  /** everything opened by the maker */
  close(): Promise<void>;
}

export function conformance(name: string, make: () => Promise<Subject>): void {
  describe(`${name} conforms`, () => {
    let subject: Subject;
    let events: SandboxEvent[];
    beforeEach(async () => {
      subject = await make();
      await subject.driver.adopt();
      events = [];
      subject.driver.watch((event) => events.push(event));
    });
    afterEach(() => subject.close());
    const claim = (lab: string) => subject.driver.claim({ lab, kit: subject.kit });

    it('gives a lab a sandbox whose agent answers, and the same one again', async () => {
      const lab = newId();
      const sandbox = await claim(lab);
      expect(sandbox).toMatchObject({ lab, kit: subject.kit });
      expect(sandbox.id).toMatch(/^[a-z2-7]{20}$/);
      expect(await answers(sandbox.agent, 5_000)).toBe(true);
      expect(await claim(lab)).toEqual(sandbox);
      expect(await subject.driver.list()).toEqual([sandbox]);
    });

    it('F11 gives 100 parallel claims of one lab one sandbox', async () => {
      const lab = newId();
      const sandboxes = await Promise.all(Array.from({ length: 100 }, () => claim(lab)));
      expect(new Set(sandboxes.map((s) => s.id)).size).toBe(1);
      expect(await subject.driver.list()).toHaveLength(1);
    });

    it('gives two labs two sandboxes that know their own name', async () => {
      const [one, two] = await Promise.all([claim(newId()), claim(newId())]);
      expect(one.id).not.toBe(two.id);
      expect(one.agent).not.toEqual(two.agent);
    });

    it('releases: the agent no longer answers, the next claim is another sandbox, twice is no error', async () => {
      const lab = newId();
      const first = await claim(lab);
      await Promise.all([subject.driver.release(lab), subject.driver.release(lab)]);
      await subject.driver.release(lab);
      expect(await answers(first.agent, 1_000)).toBe(false);
      expect(await subject.driver.list()).toEqual([]);
      expect((await claim(lab)).id).not.toBe(first.id);
    });

    it('releases what is still being claimed', async () => {
      const lab = newId();
      const claiming = claim(lab);
      await subject.driver.release(lab);
      const sandbox = await claiming;
      expect(await answers(sandbox.agent, 1_000)).toBe(false);
      expect(await subject.driver.list()).toEqual([]);
    });

    it('releases and discards labs it never saw, without an error', async () => {
      await subject.driver.release(newId());
      await subject.driver.discard(newId());
    });

    it('keeps n warm, claims a warm one, refills, and drains at 0', async () => {
      const { driver, kit } = subject;
      driver.keepWarm(kit, 2);
      const warm = await settled(driver, 2);
      const sandbox = await claim(newId());
      expect(warm.map((s) => s.id)).toContain(sandbox.id);
      await settled(driver, 3);
      driver.keepWarm(kit, 0);
      expect(await settled(driver, 1)).toEqual([sandbox]);
    });

    it('says what happens: ready, claimed, released', async () => {
      const lab = newId();
      const { id } = await claim(lab);
      await subject.driver.release(lab);
      expect(events.map((e) => [e.type, e.sandbox.id])).toEqual([
        ['ready', id],
        ['claimed', id],
        ['released', id],
      ]);
    });

    it('says `lost` with a reason when a sandbox dies by itself, and gives the lab another', async () => {
      const lab = newId();
      const sandbox = await claim(lab);
      await subject.kill(sandbox);
      await until(() => events.some((e) => e.type === 'lost'));
      const lost = events.find((e) => e.type === 'lost');
      expect(lost).toMatchObject({ sandbox: { id: sandbox.id, lab } });
      expect(lost?.reason).not.toBe('');
      expect((await claim(lab)).id).not.toBe(sandbox.id);
    });

    it('does not wait for a caller that went away', async () => {
      const lab = newId();
      const gone = new AbortController();
      const claiming = subject.driver.claim({ lab, kit: subject.kit, signal: gone.signal });
      gone.abort(new Error('the page was closed'));
      await expect(claiming).rejects.toThrow('the page was closed');
      expect((await claim(lab)).lab).toBe(lab);
      expect(await subject.driver.list()).toHaveLength(1);
    });
  });
}

/** Waits until the driver lists exactly n sandboxes. */
export async function settled(driver: Driver, n: number): Promise<readonly Sandbox[]> {
  let found: readonly Sandbox[] = [];
  await until(async () => (found = await driver.list()).length === n);
  return found;
}

export async function until(holds: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`still not so after ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function unixPath(sandbox: Sandbox): string {
  if (sandbox.agent.kind !== 'unix') throw new Error('this driver does not use unix sockets');
  return sandbox.agent.path;
}

/** What a bare agent (`testing/bare-agent.ts`) says. */
export function ask(sandbox: Sandbox, path: string, method = 'GET', body = ''): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: unixPath(sandbox), path, method, agent: false }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => (text += part));
      reply.on('end', () => resolve(JSON.parse(text)));
    });
    asked.on('error', reject).end(body);
  });
}

const Ran = z.object({ exit: z.union([z.number(), z.string()]), stdout: z.string(), stderr: z.string() });
/** Runs a bash script inside a sandbox whose agent is the bare one. */
export async function runInside(sandbox: Sandbox, script: string): Promise<z.infer<typeof Ran>> {
  return Ran.parse(await ask(sandbox, '/run', 'POST', script));
}
