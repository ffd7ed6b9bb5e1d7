import { describe, expect, it } from 'vitest';
import { cellsIn, plain } from './notebook.ts';

const cell = (action: string, more: object = {}, mark: object = {}) => ({
  cell_type: 'code',
  source: '',
  execution_count: 3,
  metadata: { palestra: { lesson: 'one', action, state: 'done', ...mark } },
  outputs: [],
  ...more,
});
const shown = (...cells: unknown[]) => cellsIn(JSON.stringify({ nbformat: 4, cells }), 'one');
const output = (one: object) => shown(cell('cell-1', { outputs: [one] })).get('cell-1')?.outputs[0];
const data = (kinds: object) => output({ output_type: 'display_data', data: kinds });

describe('a notebook', () => {
  it('gives the cells of this lesson by their action', () => {
    const other = { ...cell('cell-1'), metadata: { palestra: { lesson: 'two', action: 'cell-1' } } };
    const learners = { ...cell('x'), metadata: {} };
    expect([...shown(cell('cell-2', {}, { state: 'late', why: 'Too long.' }), other, learners)]).toEqual([
      ['cell-2', { state: 'late', why: 'Too long.', count: 3, outputs: [] }],
    ]);
  });

  it.each([
    ['no JSON', 'x{'],
    ['no object', '[]'],
    ['no cells', '{"cells": 3}'],
    ['strange cells', '{"cells": [1, null, {}]}'],
  ])('that is %s shows none', (_what, text) => expect(cellsIn(text, 'one').size).toBe(0));

  it('with a state nobody writes has none', () =>
    expect(shown(cell('a', {}, { state: 'hacked' })).get('a')?.state).toBe(null));
});

describe('an output', () => {
  it('is text, whole or in lines, what went wrong marked', () => {
    expect(output({ output_type: 'stream', name: 'stdout', text: ['a\n', 'b\n'] })).toEqual({
      as: 'text',
      text: 'a\nb',
      bad: false,
    });
    expect(output({ output_type: 'stream', name: 'stderr', text: 'w' })).toMatchObject({ bad: true });
    expect(
      output({ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['\x1b[31mE\x1b[0m', 'v'] }),
    ).toEqual({
      as: 'error',
      line: 'E: v',
      traceback: 'E\nv',
    });
  });

  it('is the richest form that needs no program of its own', () => {
    const all = { 'text/plain': '<Figure>', 'text/html': '<b>x</b>', 'image/png': 'iVBO\nRw==\n' };
    expect(data(all)).toEqual({
      as: 'picture',
      address: 'data:image/png;base64,iVBORw==',
      words: '<Figure>',
    });
    expect(data({ ...all, 'image/png': undefined })).toEqual({ as: 'html', html: '<b>x</b>' });
    expect(data({ 'application/javascript': 'alert(1)', 'text/plain': 'x' })).toMatchObject({ text: 'x' });
  });

  it('T11 that only pretends to be a picture is none, and a drawing is an image alone', () => {
    expect(data({ 'image/png': '"><script>', 'text/plain': 'x' })).toEqual({
      as: 'text',
      text: 'x',
      bad: false,
    });
    expect(data({ 'image/svg+xml': '<svg onload="alert(1)"/>' })).toMatchObject({
      as: 'picture',
      address: expect.stringMatching(/^data:image\/svg\+xml,%3Csvg/) as string,
    });
  });

  it('T65 of any bytes is text without control sequences', () => {
    expect(plain('\x1b[1;31m0%\r50%\r100%\x1b[0m\r\nend')).toBe('100%\nend');
  });
});
