import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../contract/agent.ts';
import { createDeskAgent } from './testing/desk-agent.ts';
import { shareEvents } from './shared-events.ts';

const ports = (port: number): AgentEvent => ({ type: 'ports', ports: [{ port, command: 'x' }] });

describe('shared events', () => {
  it('one socket for all; who comes later hears what stands, then what comes', async () => {
    const desk = await createDeskAgent('s'.repeat(20));
    const errors: unknown[] = [];
    using shared = shareEvents(desk.link, (error) => errors.push(error));
    const first: string[] = [];
    const late: AgentEvent[] = [];
    shared.agent.events((e) => {
      first.push(e.type);
      if (e.type === 'warning') throw new Error('broken');
    });
    desk.emit(ports(1));
    desk.emit(ports(2));
    desk.emit({ type: 'command', terminal: '1', line: 'ls', exit: 0, startedAt: 0, ms: 1 });
    const listening = shared.agent.events((e) => late.push(e));
    expect(desk.listeners).toBe(1);
    expect(late.map((e) => e.type)).toEqual(['hello', 'ports']);
    expect(late[1]).toEqual(ports(2));
    desk.emit({ type: 'warning', text: 'disk' });
    expect(late.at(-1)?.type).toBe('warning');
    expect(errors).toHaveLength(1);
    listening[Symbol.dispose]();
    desk.emit({ type: 'warning', text: 'again' });
    expect(late).toHaveLength(3);
    expect(first).toEqual(['hello', 'ports', 'ports', 'command', 'warning', 'warning']);
    await desk.close();
  });

  it('the agent’s other calls go through; disposed, nobody listens', async () => {
    const desk = await createDeskAgent('s'.repeat(20));
    const shared = shareEvents(desk.link, () => undefined);
    shared.agent.events(() => undefined);
    expect((await shared.agent.status()).sandbox).toBe('s'.repeat(20));
    shared[Symbol.dispose]();
    expect(desk.listeners).toBe(0);
    await desk.close();
  });
});
