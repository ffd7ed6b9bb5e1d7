import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { isUnsaved, nextDoc, precondition, wantsReload } from './document.ts';
import type { Doc, DocEvent } from './document.ts';

const clean: Doc = { at: 'clean', etag: 'a' };
const run = (from: Doc, ...events: DocEvent[]): Doc => events.reduce(nextDoc, from);

describe('an open file', () => {
  it('is edited, saved and clean again', () => {
    expect(run(clean, { type: 'edited' })).toEqual({ at: 'dirty', etag: 'a', problem: null });
    expect(run(clean, { type: 'edited' }, { type: 'save' }, { type: 'saved', etag: 'b' })).toEqual({
      at: 'clean',
      etag: 'b',
    });
  });

  it('what is typed while saving is not taken for saved', () => {
    expect(
      run(clean, { type: 'edited' }, { type: 'save' }, { type: 'edited' }, { type: 'saved', etag: 'b' }),
    ).toEqual({ at: 'dirty', etag: 'b', problem: null });
  });

  it('T34 a stale save becomes a choice, never an overwriting', () => {
    const conflict = run(clean, { type: 'edited' }, { type: 'save' }, { type: 'stale', theirs: 'x' });
    expect(conflict).toEqual({ at: 'conflict', etag: 'a', theirs: 'x' });
    expect(run(conflict, { type: 'save' })).toBe(conflict);
    expect(run(conflict, { type: 'edited' })).toBe(conflict);
    expect(run(conflict, { type: 'keep-mine' })).toEqual({ at: 'saving', etag: 'x', changed: false });
    expect(run(conflict, { type: 'loaded', etag: 'x' })).toEqual({ at: 'clean', etag: 'x' });
  });

  it('T35 keeping mine while a third save happens is a conflict again', () => {
    const again = run(
      clean,
      { type: 'edited' },
      { type: 'save' },
      { type: 'stale', theirs: 'x' },
      { type: 'keep-mine' },
      { type: 'stale', theirs: 'y' },
    );
    expect(again).toEqual({ at: 'conflict', etag: 'x', theirs: 'y' });
  });

  it('a failed save stays dirty and says why', () => {
    expect(
      run(clean, { type: 'edited' }, { type: 'save' }, { type: 'failed', message: 'The disk is full.' }),
    ).toEqual({ at: 'dirty', etag: 'a', problem: 'The disk is full.' });
  });

  it('changed by a program: loaded anew when clean, a conflict when dirty', () => {
    expect(wantsReload(clean, 'b')).toBe(true);
    expect(wantsReload(clean, undefined)).toBe(true);
    expect(wantsReload(clean, 'a')).toBe(false);
    const dirty = run(clean, { type: 'edited' });
    expect(wantsReload(dirty, 'b')).toBe(false);
    expect(run(dirty, { type: 'changed-there', etag: 'b' })).toEqual({
      at: 'conflict',
      etag: 'a',
      theirs: 'b',
    });
    expect(run(dirty, { type: 'changed-there', etag: 'a' })).toBe(dirty);
    expect(run(dirty, { type: 'changed-there', etag: undefined })).toBe(dirty);
  });

  it('hears of its own save while saving without a conflict', () => {
    const saving = run(clean, { type: 'edited' }, { type: 'save' });
    expect(run(saving, { type: 'changed-there', etag: 'b' }, { type: 'saved', etag: 'b' })).toEqual({
      at: 'clean',
      etag: 'b',
    });
  });

  it('deleted over there: kept here, and a save makes it anew without overwriting', () => {
    expect(run(clean, { type: 'changed-there', etag: null })).toEqual({
      at: 'dirty',
      etag: null,
      problem: null,
    });
    expect(precondition(null)).toEqual({ 'if-none-match': '*' });
    expect(precondition('"e"')).toEqual({ 'if-match': '"e"' });
  });

  it('undone to what was saved is clean, unless it never was saved', () => {
    expect(run(clean, { type: 'edited' }, { type: 'unedited' })).toEqual(clean);
    expect(isUnsaved(run({ at: 'dirty', etag: null, problem: null }, { type: 'unedited' }))).toBe(true);
  });

  it('whatever happens, a text that was edited is only clean after saved or loaded', () => {
    const event = fc.oneof(
      ...(['edited', 'save', 'keep-mine'] as const).map((type) => fc.constant({ type })),
      fc.constantFrom<DocEvent>(
        { type: 'stale', theirs: 'x' },
        { type: 'failed', message: 'm' },
        { type: 'changed-there', etag: 'y' },
        { type: 'changed-there', etag: null },
      ),
    );
    fc.assert(
      fc.property(fc.array(event), (events) => {
        expect(isUnsaved(run(clean, { type: 'edited' }, ...events))).toBe(true);
      }),
    );
  });
});
