import { describe, expect, it } from 'vitest';
import { ServiceAddress, ServiceFile, UpLine, VerbAnswer, VerbCall } from './service.ts';
import { readVerbLines } from './verb-lines.ts';

describe('a service’s messages', () => {
  it('a file without what may be left out; an unknown key is an error', () => {
    const file = { name: 'lake', title: 'Lake', command: ['node', 'lake.ts'] };
    expect(ServiceFile.parse(file)).toMatchObject({ admits: false, verbs: [], summary: '' });
    expect(ServiceFile.safeParse({ ...file, ports: [1] }).success).toBe(false);
    expect(ServiceFile.safeParse({ ...file, command: [] }).success).toBe(false);
  });

  it.each([
    'localhost',
    '127.0.0.1',
    '10.0.0.1',
    'a..b',
    'UPPER.test',
    'a b.test',
    'x\n1.2.3.4 evil.test',
    '',
  ])('an endpoint is never called %j', (host) => {
    const address = { ca: null, endpoints: [{ host, port: 31447, to: { host: '127.0.0.1', port: 1 } }] };
    expect(ServiceAddress.safeParse(address).success).toBe(false);
  });

  it('an address with defaults; relative paths and low ports are refused', () => {
    const endpoint = { host: 'rucio.palestra.test', port: 31447, to: { host: '127.0.0.1', port: 443 } };
    expect(ServiceAddress.parse({ ca: null, endpoints: [endpoint] })).toMatchObject({
      steward: null,
      env: {},
    });
    expect(ServiceAddress.safeParse({ ca: 'ca.pem', endpoints: [] }).success).toBe(false);
    expect(ServiceAddress.safeParse({ ca: null, endpoints: [{ ...endpoint, port: 443 }] }).success).toBe(
      false,
    );
    expect(ServiceAddress.safeParse({ ca: null, endpoints: [], env: { path: 'x' } }).success).toBe(false);
  });

  it('the lines of up are told apart', () => {
    expect(UpLine.parse({ stage: 'postgres', state: 'begun', label: 'Starting' })).toHaveProperty('stage');
    expect(UpLine.parse({ ready: true, seconds: 3 })).toHaveProperty('ready');
    expect(UpLine.parse({ error: { code: 'x', message: 'y' } })).toMatchObject({ error: { todo: '' } });
    expect(UpLine.safeParse({ stage: 'postgres', state: 'soon', label: '' }).success).toBe(false);
  });

  it('a verb’s words cannot be options of a command', () => {
    const call = { name: 'refuse', user: 'ada', arguments: {} };
    expect(VerbCall.safeParse(call).success).toBe(true);
    for (const bad of [
      { name: '--help' },
      { user: '--user' },
      { user: 'Ada' },
      { arguments: { '--json': 'x' } },
    ])
      expect(VerbCall.safeParse({ ...call, ...bad }).success).toBe(false);
    expect(VerbAnswer.parse({ said: 'ok' })).toMatchObject({ exit: 0, facts: {} });
  });
});

describe('verb lines', () => {
  it('one verb a line, comments and empty lines aside', () => {
    const { lines, mistake } = readVerbLines(
      '\n# break it\nrefuse element=NAPOLI_USERDISK status=503 # softly\n\n  pace every=now\nheal\n',
    );
    expect(mistake).toBeNull();
    expect(lines).toEqual([
      { line: 3, verb: { name: 'refuse', arguments: { element: 'NAPOLI_USERDISK', status: '503' } } },
      { line: 5, verb: { name: 'pace', arguments: { every: 'now' } } },
      { line: 6, verb: { name: 'heal', arguments: {} } },
    ]);
  });

  it('quotes hold spaces, a value may hold = and blanks', () => {
    const { lines } = readVerbLines(`corrupt name="a b#c" scope='user.{{user}}' where=x=y`);
    expect(lines[0]?.verb.arguments).toEqual({ name: 'a b#c', scope: 'user.{{user}}', where: 'x=y' });
  });

  it.each([
    ['', 1, 'no verb'],
    ['# nothing', 1, 'no verb'],
    ['heal\nrefuse NAPOLI', 2, '"NAPOLI" is not key=value'],
    ['refuse element="x', 1, '"element="x" is not key=value'],
    ['refuse a=1 a=2', 1, 'a twice'],
    ['--help', 1, '"--help" is no verb'],
    ['Refuse', 1, '"Refuse" is no verb'],
    ['heal\n'.repeat(51), 51, 'more than 50 verbs'],
  ])('%j cannot be read', (code, line, why) => {
    expect(readVerbLines(code).mistake).toEqual({ line, why });
  });

  it('is linear in what it reads', () => {
    const began = performance.now();
    readVerbLines(`refuse ${'a='.repeat(50_000)}`);
    readVerbLines(`refuse ${' '.repeat(100_000)}x`);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
