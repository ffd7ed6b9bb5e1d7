/** A Killercoda (or Katacoda) scenario: index.json, texts, verify scripts to checks, background scripts to setups. */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../contract/errors.ts';
import { LessonBuilder } from './builder.ts';
import type { Draft } from './draft.ts';
import { jsonOf } from './notebook.ts';
import { addProse, isBelow } from './prose.ts';

const Part = z.looseObject({
  title: z.string().optional(),
  text: z.string().optional(),
  verify: z.string().optional(),
  foreground: z.string().optional(),
  background: z.string().optional(),
  code: z.string().optional(),
  courseData: z.string().optional(),
  answer: z.string().optional(),
});
type Part = z.infer<typeof Part>;
const Scenario = z.looseObject({
  title: z.string().default(''),
  description: z.string().default(''),
  details: z
    .looseObject({
      intro: Part.optional(),
      steps: z.array(Part).max(200).default([]),
      finish: Part.optional(),
      assets: z.unknown().optional(),
    })
    .prefault({}),
  backend: z.looseObject({ imageid: z.string().optional() }).optional(),
});

interface Reading {
  readonly builder: LessonBuilder;
  readonly top: string;
  readonly index: string;
}

/** @param source absolute, the scenario's index.json */
export async function fromKillercoda(text: string, shown: string, source: string): Promise<Draft> {
  const parsed = Scenario.safeParse(jsonOf(text, shown));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Problem(
      'bad-request',
      `${shown}:1: This is no scenario: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
    );
  }
  const { title, description, details, backend } = parsed.data;
  const builder = new LessonBuilder(shown);
  const reading: Reading = { builder, top: dirname(source), index: text };
  addPart(reading, details.intro, null);
  details.steps.forEach((step, number) => addPart(reading, step, step.title ?? `Step ${number + 1}`));
  if (details.finish?.text !== undefined) {
    const { background, foreground, ...said } = details.finish;
    for (const script of [background, foreground])
      if (script !== undefined)
        builder.leave(
          lineOf(text, script),
          `${script}, which runs at the end`,
          'nothing: write a cleanup block',
        );
    addPart(reading, said, said.title ?? 'What you did');
  }
  if (details.assets !== undefined)
    builder.leave(
      lineOf(text, 'assets'),
      'assets of the machine',
      'nothing: put what learners need into files/',
    );
  if (backend?.imageid !== undefined)
    builder.leave(
      lineOf(text, backend.imageid),
      `the machine ${backend.imageid}`,
      'the kit of the course: see that its commands are there',
    );
  const minutes = Math.max(10, details.steps.length * 5);
  return {
    title: title || 'Scenario',
    minutes: Math.min(600, minutes),
    questions: [],
    objectives: description === '' ? [] : [description],
    keypoints: [],
    ...(await builder.build()),
  };
}

const lineOf = (text: string, word: string) =>
  text.slice(0, Math.max(0, text.indexOf(`"${word}"`))).split('\n').length;

function addPart(reading: Reading, part: Part | undefined, heading: string | null): void {
  if (part === undefined) return;
  const { builder } = reading;
  if (heading !== null) builder.section(heading);
  const text = part.text === undefined ? null : fileOf(reading, part.text);
  if (text !== null)
    builder.within(`${dirname(builder.file)}/${part.text ?? ''}`, () =>
      addText(reading, text, part.text ?? ''),
    );
  const scripts = [part.code, part.courseData, part.background, part.foreground].filter(
    (each) => each !== undefined,
  );
  for (const script of scripts) addSetup(reading, script);
  if (part.verify !== undefined) addVerify(reading, part.verify);
  if (part.answer !== undefined)
    builder.leave(
      lineOf(reading.index, part.answer),
      `an answer: ${part.answer}`,
      'nothing: write a :::question',
    );
}

/** Below the scenario's folder, or nothing. */
function fileOf({ builder, top, index }: Reading, path: string): string | null {
  const file = resolve(top, path);
  if (!file.startsWith(top + sep)) {
    builder.leave(lineOf(index, path), `a file outside the scenario: ${path}`, 'nothing');
    return null;
  }
  const found = [file, join(dirname(file), path)].find((each) => isBelow(each, top));
  if (found === undefined) {
    builder.leave(lineOf(index, path), `a file that is not there: ${path}`, 'nothing');
    return null;
  }
  return readFileSync(found, 'utf8').replaceAll('\r\n', '\n');
}

/** `{{exec}}` and `{{copy}}` stand behind the fence that they belong to, where no Markdown ends a fence. */
function addText(reading: Reading, text: string, file: string): void {
  const { builder, top } = reading;
  const lines = text.split('\n');
  let opened: number | null = null;
  lines.forEach((line, at) => {
    const closed = /^(\s*`{3,})\s*\{\{\s*(exec|execute|copy)\b([^}]*)\}\}\s*$/.exec(line);
    if (/^\s*`{3,}/.test(line) && opened === null && closed === null) opened = at;
    else if (/^\s*`{3,}\s*$/.test(line)) opened = null;
    else if (closed !== null && opened !== null) {
      lines[at] = closed[1] ?? '```';
      const lang = /^\s*`{3,}\s*(\w*)/.exec(lines[opened] ?? '')?.[1] ?? '';
      const shell = /^(?:|plain|text|bash|sh|shell|console)$/.test(lang);
      if (shell)
        lines[opened] = (lines[opened] ?? '').replace(
          /^(\s*`{3,}).*$/,
          `$1${closed[2] === 'copy' ? 'text' : 'bash'}`,
        );
      if ((closed[3] ?? '').trim() !== '')
        builder.leave(at + 1, `a button's option: ${(closed[3] ?? '').trim()}`, 'a run without it');
      opened = null;
    }
  });
  const plain = inlineButtons(lines.join('\n'));
  addProse({ builder, source: join(top, file), top, shift: 2 }, plain, 0);
}

/** A command with a button inside a sentence becomes a block of its own below it. */
function inlineButtons(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const commands = [...line.matchAll(/`([^`]+)`\s*\{\{\s*(?:exec|execute)\b[^}]*\}\}/g)].map(
        ([, command]) => command ?? '',
      );
      const plain = line.replace(/(`[^`]+`)\s*\{\{\s*(?:exec|execute|copy)\b[^}]*\}\}/g, '$1');
      if (commands.length === 0) return [plain];
      const alone = /^\s*`[^`]+`\s*$/.test(plain);
      return [...(alone ? [] : [plain]), '', '```bash', ...commands, '```', ''];
    })
    .join('\n');
}

function addSetup(reading: Reading, script: string): void {
  const code = fileOf(reading, script);
  if (code === null || code.trim() === '') return;
  reading.builder.hidden(
    'bash setup',
    `# TODO review: from ${script}; it must be repeatable, and runs as the learner\n${code}`,
  );
  reading.builder.leave(
    lineOf(reading.index, script),
    `${script}, which prepared a machine as its administrator`,
    'a setup block to review',
  );
}

/** A verify script says yes or no by its status alone; a check also says it in words. */
function addVerify(reading: Reading, script: string): void {
  const code = fileOf(reading, script);
  if (code === null) return reading.builder.needsCheck();
  reading.builder.needsCheck();
  reading.builder.hidden(
    'bash check',
    [
      `# TODO review: from ${script}; say what is missing, and which mistake it was`,
      'verify() (',
      code.trimEnd() || 'true',
      ')',
      'if verify > /dev/null 2>&1; then echo "This is done."; else echo "This is not done yet."; exit 1; fi',
    ].join('\n'),
  );
}
