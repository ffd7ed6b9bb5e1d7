import { afterEach, expect, it, vi } from 'vitest';
import { readFence, whereOf } from './fence.ts';

/** What a test without a page has of a figure: its `data-…`. */
const figure = (dataset: Readonly<Record<string, string>>) => ({ dataset }) as unknown as HTMLElement;
const said = (dataset: Readonly<Record<string, string>>, say = whereOf) => {
  const fence = readFence(figure({ action: 'run-1', kind: 'run', ...dataset }));
  return fence === null ? null : say(fence);
};
afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it('says where a command goes, and what is to be expected of it', () => {
  expect(said({})).toBe('terminal');
  expect(said({ terminal: '2', stays: '' })).toBe('terminal 2 · keeps running');
  expect(said({ terminal: 'cluster', fails: '' })).toBe('cluster · fails on purpose');
  expect(said({ stop: 'cluster' })).toBe('cluster');
  expect(said({ kind: 'example' })).toBeNull();
});

it('says that a block is for the Python prompt, in both languages', async () => {
  expect(said({ in: 'python' })).toBe('terminal · for the Python prompt');
  expect(said({ in: 'python', terminal: '2', fails: '' })).toBe(
    'terminal 2 · for the Python prompt · fails on purpose',
  );
  vi.resetModules();
  vi.stubGlobal('document', { documentElement: { lang: 'it' } });
  const { whereOf: inItalian } = await import('./fence.ts');
  expect(said({ in: 'python', terminal: '2' }, inItalian)).toBe('terminale 2 · per il prompt di Python');
});
