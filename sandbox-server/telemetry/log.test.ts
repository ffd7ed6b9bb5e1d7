import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from './log.ts';
import { lineForPeople } from './pretty.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ';
const CANARIES = [
  JWT,
  'canary-ticket-abcdefghijklmnop',
  'canary-cookie-abcdefghijklm',
  'canary-code-xyz',
  'canary-refresh',
];

function logged(use: (log: ReturnType<typeof createLog>) => void, options: LogOptions = {}): string {
  let out = '';
  const log = createLog({ level: 'trace', ...options, to: { write: (line: string) => (out += line) } });
  use(log);
  return out;
}

describe('createLog', () => {
  it('writes one JSON line with level by name and time', () => {
    const line = JSON.parse(logged((log) => log.info({ lab: 'abc' }, 'lab ready'))) as Record<
      string,
      unknown
    >;
    expect(line).toMatchObject({ level: 'info', lab: 'abc', msg: 'lab ready' });
    expect(String(line['time'])).toMatch(/^\d{4}-\d\d-\d\dT/);
  });
  it('keeps code, message, stack and cause of an error, given first or as err', () => {
    const error = new Error('outer', { cause: new Error('inner') });
    for (const use of [
      (log: ReturnType<typeof createLog>) => log.error(error),
      (log: ReturnType<typeof createLog>) => log.error({ err: error }, 'x'),
    ])
      expect(JSON.parse(logged(use))).toMatchObject({
        err: { message: 'outer', cause: { message: 'inner' } },
      });
  });
  it('is silent below its level', () => {
    expect(logged((log) => log.debug('x'), { level: 'info' })).toBe('');
  });
});

describe('secrets', () => {
  it('T57 leaves no canary in a line, wherever it stood', () => {
    const out = logged((log) => {
      log.info(
        {
          headers: { authorization: `Bearer ${JWT}`, cookie: '__Host-palestra=canary-cookie-abcdefghijklm' },
        },
        'in',
      );
      log.info({ req: { url: '/auth/callback?code=canary-code-xyz&state=canary-code-xyz' } }, 'url');
      log.warn(`got Bearer ${JWT} and ticket.canary-ticket-abcdefghijklmnop`);
      log.warn('socket %s', 'ticket.canary-ticket-abcdefghijklmnop');
      log.error(
        new Error(`refused: ${JWT}; Set-Cookie: __Host-palestra=canary-cookie-abcdefghijklm; Path=/`),
      );
      log.info({
        tokens: [{ token: 'canary-refresh' }],
        refresh_token: 'canary-refresh',
        accessToken: 'canary-refresh',
      });
      log
        .child({ ticket: 'canary-ticket-abcdefghijklmnop' })
        .child({ token: 'canary-refresh' })
        .info('grandchild');
      log.error(
        { err: Object.assign(new Error('x'), { response: { body: 'canary-refresh' } }) },
        'library error',
      );
    });
    expect(out.split('\n')).toHaveLength(9);
    for (const canary of CANARIES) expect(out).not.toContain(canary);
    expect(out).toContain('[redacted]');
  });
  it('keeps numbers beside secrets: when a token expires is no secret', () => {
    expect(logged((log) => log.info({ tokenExpiresAt: 5 }, 'x'))).toContain('"tokenExpiresAt":5');
  });
});

describe('hostile text', () => {
  it('T66 escapes names and truncates a 1 MB user name', () => {
    const out = logged((log) =>
      log.info({ user: `\u001b[2J${'a'.repeat(1024 * 1024)}` }, 'hello \u001b]0;title\u0007\nfake line'),
    );
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(out.length).toBeLessThan(5000);
    expect(out).toContain('\\\\x1b[2J');
    expect(out).not.toContain('\\u001b');
  });
  it('T66 bounds depth and breadth; a cycle ends', () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${String(i)}`, i]));
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const out = logged((log) =>
      log.info({ wide, cyclic, list: Array.from({ length: 10_000 }, () => 'x') }, 'big'),
    );
    expect(out.length).toBeLessThan(5000);
  });
});

describe('lines for people', () => {
  it('reads as time, level, message, fields', () => {
    const out = logged((log) => log.warn({ lab: 'abc', n: 2 }, 'slow'), { pretty: true });
    expect(out).toMatch(/^\d\d:\d\d:\d\d warn {2}slow lab=abc n=2\n$/);
  });
  it('shows an error’s stack on lines of its own', () => {
    const out = logged((log) => log.error({ err: new Error('boom') }, 'failed'), { pretty: true });
    expect(out).toContain('\n  Error: boom\n');
  });
  it('passes on what is not JSON', () => {
    expect(lineForPeople('not json\n')).toBe('not json');
  });
});
