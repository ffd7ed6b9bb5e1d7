/** Puts a lesson together in page order: steps where something is done, a draft check where nothing is checked. */
import { refusals } from '../lint/shell.ts';
import { stepId } from '../../catalogue/step-id.ts';
import { draftCheck, fence } from './draft.ts';
import type { DraftFile, Left } from './draft.ts';

interface Section {
  readonly blocks: string[];
  acts: boolean;
  checked: boolean;
  shown: string;
}

export class LessonBuilder {
  readonly left: Left[] = [];
  readonly files = new Map<string, Uint8Array>();
  #file: string;
  readonly #ids = new Map<string, number>();
  readonly #sections: Section[] = [{ blocks: [], acts: false, checked: false, shown: '' }];
  readonly #shell: { code: string; line: number }[] = [];
  #afterRun = false;
  #numbers = 0;
  #title = '';

  /** @param file the source, as it is named in what is left */
  constructor(file: string) {
    this.#file = file;
  }

  /** What is left while `read` runs stands in another file of the same source. */
  within(file: string, read: () => void): void {
    const before = this.#file;
    this.#file = file;
    read();
    this.#file = before;
  }
  get file(): string {
    return this.#file;
  }
  /** 1, 2, 3 … for ids that differ in a lesson */
  number(): number {
    return ++this.#numbers;
  }
  leave(line: number, what: string, now: string): void {
    this.left.push({ file: this.#file, line, what, now });
  }
  text(markdown: string): void {
    const text = markdown.trim();
    if (text === '') return;
    this.#afterRun = false;
    this.#section.blocks.push(text);
  }
  /** Steps need names that differ. */
  section(title: string): void {
    const plain = stepId(title) === '' ? `Step ${this.#sections.length}` : title;
    const seen = (this.#ids.get(stepId(plain)) ?? 0) + 1;
    this.#ids.set(stepId(plain), seen);
    this.#title = plain;
    this.#afterRun = false;
    const heading = `## ${seen === 1 ? plain : `${plain} (${seen})`}`;
    this.#sections.push({ blocks: [heading], acts: false, checked: false, shown: '' });
  }
  get sectionTitle(): string {
    return this.#title;
  }
  run(code: string, line: number, options = ''): void {
    const block = fence(`bash run${options}`, code);
    if (options.trim() === 'example') return this.text(block);
    this.#act(block);
    this.#shell.push({ code, line });
    this.#afterRun = true;
  }
  /** @param fails it raised an error in the original */
  cell(code: string, fails = false): void {
    this.#act(fence(fails ? 'python cell fails' : 'python cell', code));
  }
  /** What a command or a cell printed; only a run has an output that prove compares. */
  output(text: string): void {
    if (text.trim() === '') return;
    this.#section.shown = text;
    this.#section.blocks.push(fence(this.#afterRun ? 'text output' : 'text', text));
    this.#afterRun = false;
  }
  /** Something a step is checked by, or a block that belongs to a step: check, solution, setup, undo. */
  hidden(info: string, code: string): void {
    if (info.includes('check')) this.#section.checked = true;
    this.#section.blocks.push(fence(info, code));
  }
  needsCheck(): void {
    this.#section.acts = true;
  }

  async build(): Promise<{ body: string; files: DraftFile[]; left: Left[] }> {
    for (const section of this.#sections)
      if (section.acts && !section.checked) section.blocks.push(draftCheck(section.shown));
    await this.#askBash();
    const files = [...this.files].map(([path, content]) => ({ path, content }));
    return {
      body: `${this.#sections.flatMap(({ blocks }) => blocks).join('\n\n')}\n`,
      files,
      left: inOrder(this.left),
    };
  }

  get #section(): Section {
    const section = this.#sections.at(-1);
    if (section === undefined) throw new Error('a builder begins with a section');
    return section;
  }
  #act(block: string): void {
    if (this.#sections.length === 1) this.section('Begin');
    this.#section.acts = true;
    this.#afterRun = false;
    this.#section.blocks.push(block);
  }
  /** What bash refuses was no shell, or half of it. */
  async #askBash(): Promise<void> {
    const refused = await refusals(this.#shell.map(({ code }) => code));
    for (const { code, line } of this.#shell) {
      const found = refused.get(code);
      if (found !== undefined)
        this.leave(line, `bash refuses these commands: ${found.says}`, 'a run block to mend');
    }
  }
}

const inOrder = (left: readonly Left[]): Left[] =>
  [...left].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
