import { describe, expect, it } from 'vitest';
import { BEGINNING, heard, packagesIn, progressText } from './uv-progress.ts';

/** What uv 0.13 really printed for the Dask kit, shortened. */
const SAID = [
  'Using Python 3.11.2 environment at: x',
  'Resolved 32 packages in 220ms',
  'Downloading pillow (6.8MiB)',
  'Downloading pyarrow (52.5MiB)',
  ' Downloaded pillow',
  ' Downloaded pyarrow',
  'Prepared 32 packages in 895ms',
  'Installed 32 packages in 53ms',
  'Bytecode compiled 3637 files in 3.73s',
  ' + bokeh==3.9.2',
];

describe('what uv says', () => {
  it('becomes N of M packages', () => {
    let state = BEGINNING;
    const told: string[] = [];
    for (const line of SAID) {
      state = heard(state, line);
      const { text, progress } = progressText('Dask', state);
      told.push(progress === undefined ? text : `${progress.done}/${progress.all}`);
    }
    expect(told).toEqual([
      'Preparing the Dask kit (first time only)',
      ...['31/32', '31/32', '30/32', '31/32', '31/32', '31/32', '32/32', '32/32', '32/32'],
    ]);
    expect(progressText('Dask', state).text).toBe('Installing 32 of 32 packages of the Dask kit');
  });

  it('says when it compiles, and counts the environments before and after', () => {
    const compiling = SAID.slice(0, 8).reduce(heard, BEGINNING);
    expect(progressText('Dask', compiling, 10, 5)).toEqual({
      text: 'Making the Dask kit quick to start',
      progress: { done: 42, all: 47, unit: 'packages' },
    });
  });

  it('changes nothing at lines it does not know', () => {
    expect(heard(BEGINNING, 'warning: something new')).toBe(BEGINNING);
  });

  it('counts a package of a list once, whatever its markers', () => {
    expect(
      packagesIn(
        "a==1 \\\n    --hash=sha256:x\nb==1 ; python_full_version < '3.12' \\\nb==2 ; python_full_version >= '3.12' \\\n# c==1\n",
      ),
    ).toBe(2);
  });
});
