import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../contract/agent.ts';
import { Problem } from '../contract/errors.ts';
import { typeBlock } from './typed-block.ts';

/** An agent of events alone: what it tells when is the test's. */
function desk(during: AgentEvent[] = []) {
  let hear: ((event: AgentEvent) => void) | null = null;
  const tell = (...events: AgentEvent[]) => {
    for (const event of events) hear?.(event);
  };
  return {
    tell,
    get listens() {
      return hear !== null;
    },
    refuses: false,
    agent() {
      return {
        events: (listener: (event: AgentEvent) => void) => {
          hear = listener;
          // as a shared link does: what stands is told at once
          tell(command(0), prompt('idle'));
          return { [Symbol.dispose]: () => void (hear = null) };
        },
        type: () => {
          if (this.refuses) return Promise.reject(new Problem('busy', 'busy'));
          tell(...during);
          return Promise.resolve({ terminal: '1', offset: 7 });
        },
      };
    },
  };
}
const command = (exit: number, terminal = '1'): AgentEvent => ({
  type: 'command',
  terminal,
  line: 'x',
  exit,
  startedAt: 0,
  ms: 1,
});
const prompt = (state: 'idle' | 'busy', name = '1'): AgentEvent => ({
  type: 'terminals',
  terminals: [{ name, end: 0, prompt: state === 'idle' ? { state } : { state, command: 'x', since: 0 } }],
});
const settles = async (work: Promise<unknown>, ms = 400) =>
  Promise.race([
    work.then(
      () => 'ended',
      () => 'failed',
    ),
    new Promise((resolve) => setTimeout(resolve, ms, 'open')),
  ]);

describe('a typed block', () => {
  it('ends at the idle prompt after its last command, not after its first', async () => {
    const d = desk();
    const typed = await typeBlock(d.agent(), { code: 'a\nb' });
    expect(typed.result).toEqual({ terminal: '1', offset: 7 });
    d.tell(prompt('busy'), command(0));
    expect(await settles(typed.ended)).toBe('open');
    d.tell(command(0), prompt('idle'));
    expect(await typed.ended).toEqual({ exit: 0 });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(d.listens).toBe(false);
  });
  it('ends with the first that fails, once the prompt can take another', async () => {
    const d = desk();
    const typed = await typeBlock(d.agent(), { code: 'a\nb' });
    d.tell(prompt('busy'), command(0), command(3));
    expect(await settles(typed.ended)).toBe('open');
    d.tell(prompt('idle'));
    expect(await typed.ended).toEqual({ exit: 3 });
  });
  it('takes the failure that is told after the idle prompt', async () => {
    const d = desk();
    const typed = await typeBlock(d.agent(), { code: 'a\nb' });
    d.tell(command(0), prompt('idle'), command(2));
    expect(await typed.ended).toEqual({ exit: 2 });
  });
  it('hears what was told before the answer to typing came', async () => {
    const d = desk([prompt('busy'), command(0), prompt('idle')]);
    using typed = await typeBlock(d.agent(), { code: 'a' });
    expect(await typed.ended).toEqual({ exit: 0 });
  });
  it('ignores other terminals', async () => {
    const d = desk();
    using typed = await typeBlock(d.agent(), { code: 'a' });
    d.tell(prompt('idle', '2'), command(1, '2'));
    expect(await settles(typed.ended)).toBe('open');
  });
  it('a refusal is the caller’s, and nobody listens on', async () => {
    const d = desk();
    d.refuses = true;
    await expect(typeBlock(d.agent(), { code: 'a' })).rejects.toThrow('busy');
    expect(d.listens).toBe(false);
  });
  it('disposed before its end rejects who waits, and nobody listens on', async () => {
    const d = desk();
    const typed = await typeBlock(d.agent(), { code: 'a' });
    typed[Symbol.dispose]();
    await expect(typed.ended).rejects.toMatchObject({ code: 'timeout' });
    expect(d.listens).toBe(false);
  });
});
