/** Cells on a real Jupyter server, its kernel and the notebook, through a real agent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cellAt,
  lessonOf,
  notebookLab,
  untilState,
  written,
  writtenCell,
  type NotebookLab,
} from './testing/notebook-lab.ts';

const LIMIT = 60;
const SLOW = { timeout: 120_000 };
let lab: NotebookLab;
beforeAll(async () => {
  lab = await notebookLab();
}, 300_000);
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});
const run = (of: ReturnType<typeof lessonOf>, index: number, limit = LIMIT) =>
  lab.cells.run(of, cellAt(of, index), cellAt(of, index).code, limit);

describe('cells', () => {
  it('stand in the notebook under the titles of their steps before any ran', SLOW, async () => {
    const two = lessonOf('a = 1', 'a + 1');
    await lab.cells.lay(two);
    await lab.cells.lay(two);
    const sources = (await written(lab.agent)).map(({ cell_type, source }) => [cell_type, source]);
    const [one, other] = two.steps.map(({ title }) => `## ${title}`);
    expect(sources).toEqual([
      ['markdown', one],
      ['code', 'a = 1'],
      ['markdown', other],
      ['code', 'a + 1'],
    ]);
  });

  it('share a kernel, and what came of them stands in the notebook', SLOW, async () => {
    const three = lessonOf('a = 41\nprint("begun")', 'a + 1', { code: '1/0', fails: true });
    expect(await run(three, 1)).toMatchObject({ state: 'done', said: 'begun\n' });
    expect(await run(three, 2)).toMatchObject({ state: 'done' });
    expect(await run(three, 3)).toMatchObject({
      state: 'raised',
      said: expect.stringContaining('ZeroDivisionError') as string,
    });
    expect((await writtenCell(lab.agent, 'cell-1')).outputs).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'begun\n' },
    ]);
    expect((await writtenCell(lab.agent, 'cell-2')).outputs).toMatchObject([
      { output_type: 'execute_result', data: { 'text/plain': '42' } },
    ]);
    expect((await writtenCell(lab.agent, 'cell-3')).outputs).toMatchObject([
      { output_type: 'error', ename: 'ZeroDivisionError' },
    ]);
  });

  it('that a learner changed in JupyterLab are kept beside the lesson’s', SLOW, async () => {
    const one = lessonOf('a = 41', 'a + 1');
    const { body } = await lab.agent.read('notebook.ipynb');
    const text = Buffer.concat(await body.toArray())
      .toString('utf8')
      .replace('"a + 1"', '"a + 1000"');
    await lab.agent.remove('notebook.ipynb');
    await lab.agent.write('notebook.ipynb', Buffer.from(text), {});
    await run(one, 2);
    const sources = (await written(lab.agent)).map(({ source }) => source);
    expect(sources).toContain('a + 1');
    expect(sources).toContain('a + 1000');
  });

  it('are bounded: neither text nor pictures fill the notebook', SLOW, async () => {
    const flood = 'from IPython.display import display\n';
    const big = lessonOf(
      `${flood}for _ in range(3): print("x" * 200_000)`,
      `${flood}display({"image/png": "A" * 5_000_000, "text/plain": "big"}, raw=True)`,
    );
    await run(big, 1);
    const [text] = (await writtenCell(lab.agent, 'cell-1')).outputs ?? [];
    expect(String(text?.['text']).length).toBeLessThan(201_000);
    await run(big, 2);
    const [picture] = (await writtenCell(lab.agent, 'cell-2')).outputs ?? [];
    expect(picture?.['data']).toEqual({ 'text/plain': 'big' });
  });

  it('run one at a time, and are interrupted on their own', SLOW, async () => {
    const two = lessonOf('import time\nbegan = time.time()\ntime.sleep(100)', 'time.time() - began');
    const first = run(two, 1);
    await untilState(lab.agent, 'cell-1', 'running');
    const second = run(two, 2);
    await untilState(lab.agent, 'cell-2', 'queued');
    await lab.cells.interrupt(cellAt(two, 1));
    expect(await first).toMatchObject({
      state: 'raised',
      said: expect.stringContaining('KeyboardInterrupt') as string,
    });
    expect(await second).toMatchObject({ state: 'done' });
  });

  it('that take too long are interrupted', SLOW, async () => {
    const slow = lessonOf('import time; time.sleep(100)');
    expect(await run(slow, 1, 1)).toMatchObject({
      state: 'late',
      why: expect.stringContaining('1 s') as string,
    });
  });

  it('F15 say so where their kernel dies, and the next begins in a new one', SLOW, async () => {
    const dies = lessonOf('import os; os._exit(1)', '"a" in globals()');
    expect(await run(dies, 1)).toMatchObject({
      state: 'died',
      why: expect.stringContaining('memory') as string,
    });
    await run(dies, 2);
    expect((await writtenCell(lab.agent, 'cell-2')).outputs).toMatchObject([
      { data: { 'text/plain': 'False' } },
    ]);
  });

  it('F1 go on when whoever asked has gone, and what came of them is written', SLOW, async () => {
    const slow = lessonOf('import time; time.sleep(2); print("all the same")');
    const gone = new AbortController();
    const { scriptOf, cellsOf } = await import('./request.ts');
    const cells = cellsOf(slow, 'notebook.ipynb', (code) => code);
    const [cell] = cells;
    if (cell === undefined) throw new Error('no cell');
    const asked = lab.agent.run(
      scriptOf({ do: 'run', notebook: 'notebook.ipynb', cells, cell, limit: LIMIT }, LIMIT),
      gone.signal,
    );
    await untilState(lab.agent, 'cell-1', 'running');
    gone.abort();
    await expect(asked).rejects.toThrow();
    expect((await untilState(lab.agent, 'cell-1', 'done')).outputs).toMatchObject([
      { text: 'all the same\n' },
    ]);
  });

  it(
    'of a step that is reset lose their outputs, and their kernel has what earlier steps made alone',
    SLOW,
    async () => {
      const three = lessonOf('n = 1', 'n += 1\nn', 'n');
      await run(three, 1);
      await run(three, 2);
      const [first, second] = three.steps;
      if (first === undefined || second === undefined) throw new Error('no steps');
      await lab.cells.reset(three, second, [first]);
      expect((await writtenCell(lab.agent, 'cell-2')).outputs).toEqual([]);
      await run(three, 3);
      expect((await writtenCell(lab.agent, 'cell-3')).outputs).toMatchObject([
        { data: { 'text/plain': '1' } },
      ]);
    },
  );

  it('JupyterLab lets in who has its token, and nobody else', SLOW, async () => {
    const one = lessonOf('1');
    const { port, path } = await lab.cells.open(one, cellAt(one, 1));
    const at = `http://127.0.0.1:${port}`;
    expect((await fetch(`${at}/api/contents`)).status).toBe(403);
    expect((await fetch(`${at}/api/kernels`, { method: 'POST' })).status).toBe(403);
    const token = new URL(path, at).searchParams.get('token') ?? '';
    const mine = await fetch(`${at}/api/contents/notebook.ipynb`, {
      headers: { authorization: `token ${token}` },
    });
    expect(mine.status).toBe(200);
  });

  it('in a notebook that is none any more are refused, and nothing is overwritten', SLOW, async () => {
    await lab.agent.write('mine.ipynb', Buffer.from('{"not": "one"}'), { ifNoneMatch: '*' });
    const other = lessonOf({ code: '1', notebook: 'mine' });
    await expect(run(other, 1)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('mine.ipynb is no notebook any more') as string,
    });
  });
});

describe('a kit without JupyterLab', () => {
  it('says so', SLOW, async () => {
    await using bare = await notebookLab('/nowhere');
    const one = lessonOf('1');
    await expect(bare.cells.run(one, cellAt(one, 1), '1', LIMIT)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('no jupyterlab') as string,
    });
  });
});
