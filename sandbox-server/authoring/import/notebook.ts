/** A Jupyter notebook (nbformat 4): text, cells in one kernel, what they printed, pictures. */
import { z } from 'zod';
import { Problem } from '../../contract/errors.ts';
import { LessonBuilder } from './builder.ts';
import type { Draft } from './draft.ts';
import { addProse, keep, outline, parsePlain } from './prose.ts';
import type { Prose } from './prose.ts';

const Text = z
  .union([z.string(), z.array(z.string())])
  .transform((text) => (typeof text === 'string' ? text : text.join('')));
const Bundle = z.record(z.string(), z.unknown());
const Output = z.looseObject({
  output_type: z.string(),
  text: Text.optional(),
  data: Bundle.optional(),
  ename: z.string().optional(),
});
const Cell = z.looseObject({
  cell_type: z.string(),
  source: Text.default(''),
  outputs: z.array(Output).default([]),
  attachments: z.record(z.string(), Bundle).default({}),
});
const Notebook = z.looseObject({
  nbformat: z.number(),
  cells: z.array(Cell).max(5000).default([]),
  metadata: z
    .looseObject({ kernelspec: z.looseObject({ language: z.string().optional() }).optional() })
    .default({}),
});
type Cell = z.infer<typeof Cell>;

/** @throws Problem `bad-request` that names the file, the line and what to do */
export async function fromNotebook(text: string, shown: string, source: string, top: string): Promise<Draft> {
  const notebook = readNotebook(text, shown);
  const builder = new LessonBuilder(shown);
  const lines = cellLines(text);
  const python = (notebook.metadata.kernelspec?.language ?? 'python').toLowerCase() === 'python';
  const markdown = notebook.cells
    .filter(({ cell_type }) => cell_type === 'markdown')
    .map((cell) => cell.source);
  const { title, titled, shift } = outline(markdown.map(parsePlain), shown.replace(/^.*\/|\.ipynb$/g, ''));
  let untitled = titled !== null;
  notebook.cells.forEach((cell, index) => {
    const line = lines[index] ?? 1;
    const attachments = attachmentsOf(cell);
    const prose: Prose = { builder, source, top, shift, attachments };
    if (cell.cell_type === 'markdown') {
      const first = untitled && parsePlain(cell.source).children.some((node) => node.type === 'heading');
      addProse(prose, first ? withoutTitle(cell.source) : cell.source, line - 1);
      if (first) untitled = false;
    } else if (cell.cell_type === 'code') addCell(builder, cell, index, line, python);
    else if (cell.source.trim() !== '') builder.leave(line, `a ${cell.cell_type} cell`, 'nothing');
  });
  const built = await builder.build();
  return {
    title,
    minutes: Math.max(5, notebook.cells.length * 2),
    questions: [],
    objectives: [],
    keypoints: [],
    ...built,
  };
}

function readNotebook(text: string, shown: string): z.infer<typeof Notebook> {
  const parsed = Notebook.safeParse(jsonOf(text, shown));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Problem(
      'bad-request',
      `${shown}:1: This is no notebook: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
    );
  }
  if (parsed.data.nbformat === 4) return parsed.data;
  throw new Problem(
    'bad-request',
    `${shown}:1: This notebook is of format ${parsed.data.nbformat}. Convert it first: jupyter nbconvert --to notebook --nbformat 4.`,
  );
}

/** @throws Problem with the line at which the JSON ends to be JSON */
export function jsonOf(text: string, shown: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const at = Number(/position (\d+)/.exec(cause.message)?.[1] ?? 0);
    throw new Problem(
      'bad-request',
      `${shown}:${text.slice(0, at).split('\n').length}: This is not JSON: ${cause.message}`,
      { cause },
    );
  }
}

/** In JSON a quotation mark inside a string is escaped, so a bare one begins a key. */
function cellLines(text: string): number[] {
  const lines: number[] = [];
  let [line, from] = [1, 0];
  for (const { index } of text.matchAll(/(?<!\\)"cell_type"\s*:/g)) {
    for (let at = text.indexOf('\n', from); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line++;
    from = index;
    lines.push(line);
  }
  return lines;
}

const withoutTitle = (markdown: string) => {
  const title = parsePlain(markdown).children.find((node) => node.type === 'heading' && node.depth === 1);
  const [from, to] = [title?.position?.start.offset ?? 0, title?.position?.end.offset ?? 0];
  return markdown.slice(0, from) + markdown.slice(from, to).replace(/[^\n]/g, '') + markdown.slice(to);
};

function attachmentsOf(cell: Cell): Map<string, Uint8Array> {
  return new Map(
    Object.entries(cell.attachments).flatMap(([name, bundle]) => {
      const [data] = Object.values(bundle).map((each) => Text.safeParse(each));
      return data?.success === true ? [[name, Buffer.from(data.data, 'base64')] as const] : [];
    }),
  );
}

const raised = (cell: Cell): boolean => cell.outputs.some((output) => output.output_type === 'error');

function addCell(builder: LessonBuilder, cell: Cell, index: number, line: number, python: boolean): void {
  const { source } = cell;
  if (source.trim() === '') return;
  const shell = /^\s*%%(?:bash|sh)\b[^\n]*\n([^]*)$/.exec(source)?.[1];
  if (shell !== undefined) builder.run(shell, line);
  else if (python) builder.cell(source, raised(cell));
  else {
    builder.text(['```text', source.replaceAll('```', "'''"), '```'].join('\n'));
    builder.leave(line, 'a cell of a kernel that is not Python', 'text');
  }
  for (const [magic] of source.matchAll(/^\s*%{1,2}(?!bash|sh\b)[a-z_]+/gm))
    builder.leave(
      line,
      `a magic of IPython: ${magic.trim()}`,
      'it stands in the cell; see that the kit knows it',
    );
  cell.outputs.forEach((output, number) =>
    addOutput(builder, output, `cell-${index + 1}-${number + 1}`, line),
  );
}

function addOutput(builder: LessonBuilder, output: z.infer<typeof Output>, name: string, line: number): void {
  if (output.output_type === 'error')
    return builder.leave(
      line,
      `an error that the notebook kept: ${output.ename ?? ''}`,
      'the cell is one that fails on purpose; take the word away where it should not',
    );
  if (output.text !== undefined) return builder.output(output.text.slice(0, 4000));
  const data = output.data ?? {};
  const picture = ['image/png', 'image/jpeg'].find((type) => type in data);
  const bytes = Text.safeParse(data[picture ?? '']);
  if (picture !== undefined && bytes.success) {
    const path = keep(
      builder,
      `${name}.${picture === 'image/png' ? 'png' : 'jpg'}`,
      Buffer.from(bytes.data, 'base64'),
    );
    builder.text(`![TODO review: say what this picture shows](./${path})`);
    return builder.leave(line, 'a picture that a cell drew', `./${path}, with words to be written`);
  }
  const plain = Text.safeParse(data['text/plain']);
  if (plain.success) builder.output(plain.data.slice(0, 4000));
  const other = Object.keys(data).filter((type) => type !== 'text/plain');
  if (other.length > 0)
    builder.leave(line, `an output as ${other.join(', ')}`, plain.success ? 'its plain text' : 'nothing');
}
