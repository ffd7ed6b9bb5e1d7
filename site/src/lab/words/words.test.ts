import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ErrorCode } from '../../../../sandbox-server/contract/errors.ts';
import { CELLS } from './cells.ts';
import { DATA } from './data.ts';
import { EDITOR } from './editor.ts';
import { ENTRY } from './entry.ts';
import { LAYOUT } from './layout.ts';
import type { Italian } from './speaker.ts';
import { filled } from './speaker.ts';
import { STEPS } from './steps.ts';
import { TERMINAL } from './terminal.ts';

const TABLES: Readonly<Record<string, Italian>> = { CELLS, DATA, EDITOR, ENTRY, LAYOUT, STEPS, TERMINAL };
const LAB = join(import.meta.dirname, '..');
const sources = readdirSync(LAB, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.includes('.test.') && !path.startsWith('words/'))
  .map((path) => readFileSync(join(LAB, path), 'utf8'))
  .join('\n');
const blanks = (text: string) => (text.match(/\{\d\}/g) ?? []).sort();
/** `say(`and {0} more ${of}`)`: put together where it is said */
const PUT_TOGETHER = /^and (at least )?\{0\} more /;

describe.each(Object.entries(TABLES))('the table %s', (_, table) => {
  it.each(Object.entries(table))('“%s” is there in Italian, with the same blanks', (english, italian) => {
    expect(italian.trim()).not.toBe('');
    expect(blanks(italian)).toEqual(blanks(english));
    expect(/^\s/.test(italian)).toBe(/^\s/.test(english));
  });
  it('has no sentence that nobody says', () => {
    const unsaid = Object.keys(table).filter(
      (english) => !PUT_TOGETHER.test(english) && !sources.includes(`'${english}'`),
    );
    expect(unsaid).toEqual([]);
  });
});

describe('a page', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });
  const pageIn = (lang: string) => {
    vi.resetModules();
    vi.stubGlobal('document', { documentElement: { lang } });
  };
  const stage = { name: 'queued', text: 'Waiting for a free sandbox: you are 3rd', at: 0 };

  it('in Italian speaks Italian', async () => {
    pageIn('it');
    expect((await import('./steps.ts')).say('Saved {0} first.', 'a.py')).toBe('Prima ho salvato a.py.');
    expect((await import('./language.ts')).LOCALE).toBe('it-IT');
  });
  it('in any other language speaks English', async () => {
    pageIn('fr');
    expect((await import('./steps.ts')).say('Saved {0} first.', 'a.py')).toBe('Saved a.py first.');
  });
  it('names a stage, and quotes the server where it says more than the name', async () => {
    pageIn('it');
    const { stageWords } = await import('./stages.ts');
    expect(stageWords(stage)).toEqual({ text: 'In attesa di una sandbox libera', english: stage.text });
    expect(stageWords({ ...stage, name: 'home' }).english).toBeNull();
    expect(stageWords({ ...stage, name: 'data-lake' })).toMatchObject({ english: stage.text });
    expect(stageWords({ ...stage, seconds: 1 }).english).toBeNull();
  });
  it('says every way that the server has to say no, and what exactly it said', async () => {
    pageIn('it');
    const { problemWords } = await import('./problems.ts');
    const said = ErrorCode.options.map((code) => problemWords(code, 'Exactly this.'));
    expect(new Set(said).size).toBe(ErrorCode.options.length);
    for (const each of said) expect(each).toMatch(/^\p{Lu}.*\. \(Il server: “Exactly this\.”\)$/u);
  });
});

it('a part that was not given stays a blank', () => {
  expect(filled('{0} of {1}', [1])).toBe('1 of {1}');
});
