import { describe, expect, it } from 'vitest';
import { fill } from '../catalogue/fill.ts';
import { RunScript } from '../contract/agent.ts';
import { scriptFor, type ScriptNeeds } from './script.ts';

const place = { file: 'courses/tiny/lesson.md', line: 9 };
const needs: ScriptNeeds = {
  lesson: 'one',
  step: 'a',
  filling: { user: 'ada', facts: { rule: 'r1' } },
  fill,
  fixtures: [{ path: 'lake.sh', content: 'ZQ==', executable: false }],
  timeout: 20,
};

describe('scriptFor', () => {
  it('is what the agent runs: blanks filled, fixtures beside it, lesson and step named', () => {
    const script = scriptFor(
      { lang: 'bash', code: 'echo {{user}} {{fact:rule}} {{fact:none}}', place },
      needs,
    );
    expect(script).toEqual({
      lang: 'bash',
      code: 'echo ada r1 {{fact:none}}',
      timeout: 20,
      fixtures: [{ path: 'lake.sh', content: 'ZQ==', executable: false }],
      env: { PALESTRA_LESSON: 'one', PALESTRA_STEP: 'a' },
    });
    expect(RunScript.parse(script)).toEqual(script);
  });
  it.each([
    ['bash', 'bash'],
    ['shell', 'bash'],
    ['sh', 'sh'],
    ['python', 'python'],
    ['py', 'python'],
  ])('%s runs as %s', (lang, as) => {
    expect(scriptFor({ lang, code: '', place }, needs).lang).toBe(as);
  });
  it.each(['text', 'constructor', ''])('%j cannot run, and the place is named', (lang) => {
    expect(() => scriptFor({ lang, code: '', place }, needs)).toThrow(/courses\/tiny\/lesson\.md:9/);
  });
  it('refuses more fixtures than an agent takes', () => {
    const fixtures = Array.from({ length: 501 }, (_, i) => ({
      path: String(i),
      content: '',
      executable: false,
    }));
    expect(() => scriptFor({ lang: 'sh', code: '', place }, { ...needs, fixtures })).toThrow(/500 fixtures/);
  });
});
