import { describe, expect, it } from 'vitest';
import { readFence } from './fences.ts';
import { serviceMistakes } from './service-rules.ts';

const KNOWN = [{ name: 'data-lake', verbs: ['refuse', 'heal'] }];
const place = { file: 'x/1/lesson.md', line: 10 };
const written = (meta: string, code: string, lang = 'bash') => ({ lang, meta, code, place });
const read = (meta: string, code: string, lang?: string) => readFence(written(meta, code, lang), () => 1);
const setup = (as: string | undefined, code: string) => ({
  id: 'setup-1',
  kind: 'setup' as const,
  lang: 'bash',
  code,
  place,
  ...(as === undefined ? {} : { as }),
});
const lesson = (services: string[], ...fences: ReturnType<typeof setup>[]) => [
  {
    id: '1',
    needs: { kit: 'base', services, tokens: [], after: [], resources: {} },
    setup: fences,
    steps: [],
  },
];
const told = (...of: Parameters<typeof lesson>) =>
  serviceMistakes(lesson(...of), KNOWN, (id) => `x/${id}/lesson.md`).map(
    ({ file, line, message, received }) => `${file}:${line} ${message} ${received}`,
  );

describe('services that lessons name', () => {
  it('are there, and are asked only for what they have', () => {
    expect(told(['data-lake'], setup('data-lake', 'heal\nrefuse a=b'), setup(undefined, 'nonsense'))).toEqual(
      [],
    );
    expect(told(['cluster'])).toEqual([
      'x/1/lesson.md:1 needs.services names a service that is not there. cluster',
    ]);
    expect(told([], setup('data-lake', 'heal'))).toEqual([
      'x/1/lesson.md:10 This block asks a service that the lesson does not need. data-lake',
    ]);
    expect(told(['data-lake'], setup('data-lake', 'heal\n# so\nburn it=all'))).toEqual([
      'x/1/lesson.md:13 The service data-lake has no such verb. burn',
    ]);
  });
});

describe('as=SERVICE', () => {
  it.each(['setup', 'check', 'undo', 'wrong'])('may stand on a %s, in bash, sh or text', (kind) => {
    for (const lang of ['bash', 'sh', 'text'])
      expect(read(`${kind} as=data-lake`, 'heal', lang)).toMatchObject({
        is: 'fence',
        fence: { kind, as: 'data-lake' },
      });
  });
  it.each([
    ['run as=data-lake', 'heal', 'bash', 'Unknown option of a run.'],
    ['solution as=data-lake', 'heal', 'bash', 'Unknown option of a solution.'],
    ['setup as=data-lake', 'heal', 'python', 'A setup cannot be in this language.'],
    ['setup', 'heal', 'text', 'A setup cannot be in this language.'],
    ['setup as=data-lake', 'refuse NAPOLI', 'bash', 'Line 1 is no verb of a service.'],
    ['check as=data-lake', 'heal\n\nrefuse x', 'bash', 'Line 3 is no verb of a service.'],
    ['check as=data-lake', '# only words', 'bash', 'Line 1 is no verb of a service.'],
    ['check as=Data', 'heal', 'bash', 'The option as of this check cannot be used.'],
  ])('%s with %j in %s is a mistake', (meta, code, lang, message) => {
    expect(read(meta, code, lang)).toMatchObject({ is: 'mistake', mistakes: [{ message }] });
  });
});
