/** A sandbox with the Dask kit's JupyterLab, on a real agent without walls, and lessons of cells in it. */
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CellFence, Lesson } from '../../../contract/lesson.ts';
import type { AgentLink } from '../../../sandboxes/agent-link.ts';
import { newId } from '../../../sandboxes/ids.ts';
import { createLinks, temporaryTicketKeys } from '../../../sandboxes/link/index.ts';
import { createLocalKits } from '../../../sandboxes/local/kits/kits.ts';
import { createMemoryDriver } from '../../../sandboxes/memory/driver.ts';
import { lesson, step } from '../../../labs/testing/courses.ts';
import { silentLog } from '../../../telemetry/index.ts';
import { createCells, type Cells } from '../cells.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');

export interface NotebookLab extends AsyncDisposable {
  readonly agent: AgentLink;
  readonly cells: Cells;
}

/** Prepares the kit where this machine has none yet: minutes. @param programs folders before the system's; default: the kit's */
export async function notebookLab(programs?: string): Promise<NotebookLab> {
  await using opened = new AsyncDisposableStack();
  const kitBin = programs ?? (await daskPrograms());
  const keys = temporaryTicketKeys();
  const driver = opened.adopt(await createMemoryDriver({ trust: { keys: [...keys.publicKeys()] } }), (d) =>
    d.close(),
  );
  const lab = newId();
  const agent = createLinks({ sign: keys.sign })(await driver.claim({ lab, kit: 'dask' }));
  const env = { PATH: `${kitBin}:/usr/bin:/bin` };
  await agent.claim({ lab, user: 'ada', fullName: 'Ada', seed: '0123456789abcdef', env });
  opened.defer(() => endJupyter(agent));
  const kept = opened.move();
  return {
    agent,
    cells: createCells({ agent }, (code) => code),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function daskPrograms(): Promise<string> {
  const state = process.env['PALESTRA_KITS'] ?? join(ROOT, '.palestra');
  const kits = await createLocalKits({ root: join(ROOT, 'infra/kits'), state, log: silentLog() });
  try {
    await kits.ready('dask');
    return join(kits.use('dask').folder, 'bin');
  } finally {
    await kits.close();
  }
}

/** Without walls nothing ends what a sandbox leaves running. */
async function endJupyter(agent: AgentLink): Promise<void> {
  const code = `
import hashlib, json, os, pathlib, shutil, signal, tempfile
place = pathlib.Path(tempfile.gettempdir()) / ("palestra-jupyter-" + hashlib.sha256(str(pathlib.Path.home()).encode()).hexdigest()[:16])
for file in place.glob("runtime/jpserver-*.json"):
    os.kill(json.loads(file.read_text())["pid"], signal.SIGTERM)
shutil.rmtree(place, ignore_errors=True)
`;
  await agent.run({ lang: 'python', code, timeout: 30, fixtures: [], env: {} });
}

/** A lesson whose steps are `1`, `2` … with one cell each: `cell-1`, `cell-2` … */
export function lessonOf(...cells: readonly (string | Partial<CellFence>)[]): Lesson {
  return lesson(
    'first',
    cells.map((cell, index) => {
      const more = typeof cell === 'string' ? { code: cell } : cell;
      return step(String(index + 1), { actions: [cellFence(`cell-${index + 1}`, more)] });
    }),
  );
}
function cellFence(id: string, more: Partial<CellFence>): CellFence {
  const place = { file: 'tiny/first/lesson.md', line: 1 };
  return { id, kind: 'cell', lang: 'python', code: '', notebook: 'notebook', fails: false, place, ...more };
}
export function cellAt(of: Lesson, index: number): CellFence {
  const action = of.steps[index - 1]?.actions[0];
  if (action?.kind !== 'cell') throw new Error(`no cell ${index}`);
  return action;
}

/** nbformat's cell, as far as the tests look at it. */
export interface Written {
  readonly cell_type: string;
  readonly source: string;
  readonly metadata: {
    readonly palestra?: { readonly action?: string; readonly state?: string; readonly why?: string };
  };
  readonly outputs?: readonly Record<string, unknown>[];
}
export async function written(agent: AgentLink, notebook = 'notebook.ipynb'): Promise<readonly Written[]> {
  const { body } = await agent.read(notebook);
  const text = Buffer.concat(await body.toArray()).toString('utf8');
  return (JSON.parse(text) as { cells: readonly Written[] }).cells;
}
export async function writtenCell(agent: AgentLink, action: string): Promise<Written> {
  const found = (await written(agent)).find(({ metadata }) => metadata.palestra?.action === action);
  if (found === undefined) throw new Error(`no ${action} in the notebook`);
  return found;
}
export async function untilState(agent: AgentLink, action: string, state: string): Promise<Written> {
  for (;;) {
    const cell = await writtenCell(agent, action);
    if (cell.metadata.palestra?.state === state) return cell;
    await sleep(50);
  }
}
