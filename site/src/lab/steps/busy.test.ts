import { expect, it } from 'vitest';
import type { TerminalInfo } from '../../../../sandbox-server/contract/terminal.ts';
import { anotherTerminal, busyCommand, busyOf, busySentence, newTerminal, terminalTitle } from './busy.ts';

const idle = (name: string): TerminalInfo => ({ name, prompt: { state: 'idle' }, end: 0 });
const busy = (name: string): TerminalInfo => ({
  name,
  prompt: { state: 'busy', command: 'watch', since: 0 },
  end: 0,
});

it('says which terminal is busy with what', () => {
  expect(busySentence({ terminal: '1', command: 'watch date' })).toBe('Terminal 1 is busy with');
  expect(busySentence({ terminal: 'cluster', command: '' })).toBe('Cluster is busy.');
  expect(busyCommand({ terminal: '1', command: 'python -c "\nimport dask"' })).toBe('python -c "');
  expect(busyCommand({ terminal: '1', command: 'x'.repeat(99) }).length).toBe(60);
  expect(terminalTitle('12')).toBe('terminal 12');
});

it('reads details that may be anything', () => {
  expect(busyOf({ terminal: 'cluster', command: 'python c.py' })).toEqual({
    terminal: 'cluster',
    command: 'python c.py',
  });
  expect(busyOf({ terminal: 7 })).toEqual({ terminal: '1', command: '' });
});

it('finds another: an idle numbered one, else a new number; never somebody’s named one', () => {
  expect(anotherTerminal([busy('1'), idle('cluster'), idle('3')], '1')).toBe('3');
  expect(anotherTerminal([busy('1'), busy('2'), idle('cluster')], '1')).toBe('3');
  expect(anotherTerminal([], '1')).toBe('2');
  expect(newTerminal(['1', '2', '4'])).toBe('3');
});
