import { describe, expect, it } from 'vitest';
import { Problem, ProblemBody } from './errors.ts';

describe('a problem', () => {
  it('crosses the wire as code and sentence', () => {
    const body = new Problem('not-found', 'There is no such lab.').toBody();
    expect(body).toEqual({ code: 'not-found', message: 'There is no such lab.' });
    expect(ProblemBody.parse(body)).toEqual(body);
  });

  it('carries facts for the page and its cause for the log, the cause never to the wire', () => {
    const cause = new Error('EACCES /secret');
    const problem = new Problem('busy', 'terminal 1 is busy', { cause, details: { command: 'watch' } });
    expect(problem.cause).toBe(cause);
    expect(JSON.stringify(problem.toBody())).not.toContain('secret');
    expect(problem.toBody().details).toEqual({ command: 'watch' });
  });

  it('is an Error with a name, so that logs and tests see it', () => {
    expect(new Problem('internal', 'x')).toBeInstanceOf(Error);
    expect(new Problem('internal', 'x').name).toBe('Problem');
    expect('cause' in new Problem('internal', 'x')).toBe(false);
  });

  it('has only known codes on the wire', () => {
    expect(ProblemBody.safeParse({ code: 'whatever', message: 'x' }).success).toBe(false);
  });
});
