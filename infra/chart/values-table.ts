/**
 * The table of values in docs/operating/kubernetes.md, made from values.schema.json and values.yaml so that neither can
 * leave it behind. `node infra/chart/values-table.ts` writes it there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const CHART = import.meta.dirname;
export const PAGE = resolve(CHART, '../../docs/operating/kubernetes.md');
const BEGIN = '<!-- values: made by node infra/chart/values-table.ts -->';
const END = '<!-- /values -->';

const Node = z.object({
  description: z.string().optional(),
  get properties(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof Node>> {
    return z.record(z.string(), Node).optional();
  },
});
type Node = z.infer<typeof Node>;
/** One value of the chart: its path as `--set` wants it, what it does, and what it is where nobody says. */
interface Row {
  readonly path: string;
  readonly does: string;
  readonly value: unknown;
}

/** Every value, depth first, in the schema's order; `global` is Helm's own. */
export function rows(): readonly Row[] {
  const schema = Node.parse(JSON.parse(read('values.schema.json')));
  return below(schema, parse(read('values.yaml')), '').filter(({ path }) => path !== 'global');
}

function table(): string {
  const lines = rows().map(({ path, does, value }) => `| \`${path}\` | ${cell(does)} | ${shown(value)} |`);
  return [BEGIN, '| value | what it does | default |', '|---|---|---|', ...lines, END].join('\n');
}

/** @returns the page with the table as it has to be. Throws where the page has no place for it. */
export function withTable(page: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no place for the table: ${BEGIN} … ${END}`);
  return page.slice(0, from) + table() + page.slice(to + END.length);
}

function below(node: Node, value: unknown, path: string): Row[] {
  const fields = Object.entries(node.properties ?? {});
  if (fields.length === 0) return [{ path, does: node.description ?? '', value }];
  return fields.flatMap(([name, child]) =>
    below(
      child,
      z.record(z.string(), z.unknown()).parse(value ?? {})[name],
      path === '' ? name : `${path}.${name}`,
    ),
  );
}

const read = (file: string): string => readFileSync(join(CHART, file), 'utf8');
const cell = (text: string): string => text.replaceAll('|', '\\|');
function shown(value: unknown): string {
  if (value === '' || value === undefined) return '';
  return `\`${cell(JSON.stringify(value))}\``;
}

if (import.meta.main) writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8')));
