import { describe, expect, it } from 'vitest';
import { ErrorCode, Problem, ProblemBody } from '../contract/errors.ts';
import { CLOSE } from '../contract/terminal.ts';
import { PROBLEMS, bodyOf, closeCodeOf, statusOf, toProblem } from './problems.ts';

describe('the table', () => {
  it('has a row for each code and no other', () => {
    expect(Object.keys(PROBLEMS).sort()).toEqual([...ErrorCode.options].sort());
  });
  it.each(ErrorCode.options)('%s has a legal status and a legal close code', (code) => {
    expect(statusOf(code)).toBeGreaterThanOrEqual(400);
    expect(statusOf(code)).toBeLessThan(600);
    const known: number[] = Object.values(CLOSE);
    expect(known.includes(closeCodeOf(code)) || [1003, 1008, 1009, 1011].includes(closeCodeOf(code))).toBe(
      true,
    );
  });
  it('says what the contract says of the codes clients know', () => {
    expect([statusOf('stale'), statusOf('busy'), statusOf('wrong-host'), statusOf('cross-site')]).toEqual([
      412, 409, 421, 403,
    ]);
    expect([closeCodeOf('not-signed-in'), closeCodeOf('sandbox-gone'), closeCodeOf('unavailable')]).toEqual([
      4001, 4000, 4002,
    ]);
    expect([closeCodeOf('limit'), closeCodeOf('too-large'), closeCodeOf('agent-unreachable')]).toEqual([
      4003, 1009, 4005,
    ]);
  });
});

describe('what was thrown', () => {
  it('stays where it is a Problem', () => {
    const problem = new Problem('busy', 'Terminal 1 is busy.');
    expect(toProblem(problem)).toBe(problem);
  });
  it.each([
    [413, 'too-large'],
    [415, 'unsupported'],
    [404, 'not-found'],
    [400, 'bad-request'],
  ])('becomes one from a plugin’s status %i', (statusCode, code) => {
    expect(toProblem(Object.assign(new Error('FST_SECRET /srv/x'), { statusCode }))).toMatchObject({ code });
  });
  it.each([
    new TypeError('x of undefined'),
    'a string',
    null,
    undefined,
    { statusCode: 500 },
    { statusCode: '400' },
  ])('is internal otherwise, and its text stays inside: %s', (thrown) => {
    const problem = toProblem(thrown);
    expect(problem.code).toBe('internal');
    expect(JSON.stringify(bodyOf(problem))).not.toContain('undefined');
  });
  it('fits the schema however long its sentence', () => {
    expect(ProblemBody.safeParse(bodyOf(new Problem('internal', 'x'.repeat(9000)))).success).toBe(true);
  });
});
