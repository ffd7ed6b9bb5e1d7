/** Messages that cross a trust boundary: what is outside their bounds is refused by the schema itself. */
import { describe, expect, it } from 'vitest';
import { AgentEvent, Claim, RunScript, TicketClaims, Tokens } from './agent.ts';
import { Session, TicketRequest } from './api.ts';
import { Config } from './config.ts';
import { LearnerEvent } from './events.ts';
import { StepProgress } from './progress.ts';
import { FromAgent, FromClient } from './terminal.ts';

const ID = 'abcdefghijklmnop2345';

describe('terminal messages', () => {
  it('T9 a hello has an offset, a size in bounds and a mode', () => {
    const hello = { type: 'hello', from: -1, size: { cols: 80, rows: 24 }, mode: 'write' };
    expect(FromClient.parse(hello)).toEqual(hello);
    for (const bad of [
      { from: -2 },
      { from: 1.5 },
      { mode: 'root' },
      { size: { cols: 1, rows: 24 } },
      { size: { cols: 80, rows: 501 } },
    ])
      expect(FromClient.safeParse({ ...hello, ...bad }).success).toBe(false);
  });
  it('know no other type', () => {
    expect(FromClient.safeParse({ type: 'exec', code: 'id' }).success).toBe(false);
    expect(FromAgent.safeParse({ type: 'title', text: 'x' }).success).toBe(false);
  });
});

describe('agent messages', () => {
  it('T77 an agent’s event is bounded', () => {
    expect(AgentEvent.safeParse({ type: 'warning', text: 'x'.repeat(501) }).success).toBe(false);
    expect(
      AgentEvent.safeParse({
        type: 'ports',
        ports: Array.from({ length: 65 }, () => ({ port: 8787, command: 'dask' })),
      }).success,
    ).toBe(false);
  });
  it('a claim carries variables with plain names only', () => {
    const claim = { lab: ID, user: 'ada', fullName: 'Ada', seed: '0123456789abcdef', env: {} };
    expect(Claim.safeParse(claim).success).toBe(true);
    expect(Claim.safeParse({ ...claim, env: { 'LD_PRELOAD=x': '1' } }).success).toBe(false);
    expect(Claim.safeParse({ ...claim, user: 'Ada; rm' }).success).toBe(false);
  });
  it('a ticket names its operation and lives for seconds', () => {
    expect(
      TicketClaims.safeParse({
        sandbox: ID,
        boot: 'b',
        op: 'shutdown',
        mode: 'read',
        jti: 'x'.repeat(16),
        exp: 1,
      }).success,
    ).toBe(false);
  });
  it('a token’s name is a file’s name', () => {
    expect(Tokens.safeParse({ tokens: [{ name: '../x', token: 't', expiresAt: 1 }] }).success).toBe(false);
  });
  it('a script has a time limit', () => {
    expect(RunScript.safeParse({ lang: 'bash', code: 'true', timeout: 0, fixtures: [] }).success).toBe(false);
    expect(RunScript.parse({ lang: 'bash', code: 'true', timeout: 5, fixtures: [] }).env).toEqual({});
  });
});

describe('page messages', () => {
  it('leave room for notices and help, which events will use', () => {
    expect(
      LearnerEvent.safeParse({ type: 'notice', id: '1', from: 'Enrico', text: 'five minutes', at: 1 })
        .success,
    ).toBe(true);
    expect(LearnerEvent.safeParse({ type: 'help', lab: ID, state: 'coming', by: 'Enrico' }).success).toBe(
      true,
    );
  });
  it('a ticket is for writing unless asked otherwise', () =>
    expect(TicketRequest.parse({ terminal: '1' }).mode).toBe('write'));
  it('a step starts with nothing tried', () => {
    expect(StepProgress.parse({ lesson: 'l', step: 's', state: 'todo', at: 1 })).toMatchObject({
      tries: 0,
      hints: [],
      acted: [],
      message: '',
    });
  });
  it('a session tells a stranger nothing about anybody', () => {
    expect(Session.parse({ me: null, kits: [], version: '0', provider: 'IAM' }).me).toBeNull();
  });
});

describe('settings', () => {
  it('refuse a key they do not know', () => expect(Config.safeParse({ prot: 1 }).success).toBe(false));
  it('make a learner of whoever signs in', () =>
    expect(Config.parse({}).groups['*']?.roles).toEqual(['learner']));
});
