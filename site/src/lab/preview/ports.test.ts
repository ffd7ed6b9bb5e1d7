import { expect, it } from 'vitest';
import { appeared, portTabs, portTitle } from './ports.ts';

const port = (n: number) => ({ port: n, command: `p${String(n)}` });

it('makes tabs of the dashboard and of usual web ports, and lists the others', () => {
  const { tabs, others } = portTabs([port(8787), port(41234), port(8786), port(8000)], new Set());
  expect(tabs).toEqual([8000, 8787]);
  expect(others.map((o) => o.port)).toEqual([41234, 8786]);
});

it('makes none of what runs cells: their JupyterLab opens from the cell, and kernels have no page', () => {
  const jupyter = { port: 8888, command: '/opt/kit/bin/python3 -m jupyterlab --no-browser --port=8888' };
  const kernel = { port: 41235, command: 'python -m ipykernel_launcher -f kernel.json' };
  expect(portTabs([jupyter, kernel], new Set())).toEqual({ tabs: [], others: [] });
  expect(portTabs([jupyter, kernel], new Set([8888])).tabs).toEqual([8888]);
});

it('keeps a tab that the learner opened while its program restarts', () => {
  expect(portTabs([], new Set([41234]))).toEqual({ tabs: [41234], others: [] });
});

it('names the dashboard by what it is', () => {
  expect([8787, 8888, 8890, 8000].map(portTitle)).toEqual([
    'Dashboard :8787',
    'JupyterLab :8888',
    'JupyterLab :8890',
    'Port :8000',
  ]);
});

it('sees what is new', () => {
  expect(appeared([8000], [8000, 8787])).toEqual([8787]);
  expect(appeared([8000], [])).toEqual([]);
});
