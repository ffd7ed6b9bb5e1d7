import { expect, it } from 'vitest';
import type { LearnerEvent } from '../../../../sandbox-server/contract/events.ts';
import { remember } from './memory.ts';
import type { Memory } from './memory.ts';

const recall = (...events: LearnerEvent[]): LearnerEvent[] => [
  ...events.reduce<Memory>(remember, new Map()).values(),
];
const ports = (lab: string, port: number): LearnerEvent => ({
  type: 'ports',
  lab,
  ports: [{ port, command: 'x' }],
});

it('keeps the newest of each kind for each lab, in the order heard', () => {
  expect(recall(ports('a', 1), ports('b', 2), ports('a', 3))).toEqual([ports('b', 2), ports('a', 3)]);
});

it('adds facts up', () => {
  const facts = (f: Record<string, string>): LearnerEvent => ({ type: 'facts', lab: 'a', facts: f });
  expect(recall(facts({ x: '1' }), facts({ y: '2' }), facts({ x: '3' }))).toEqual([
    facts({ x: '3', y: '2' }),
  ]);
});

it('forgets what matters only in its moment', () => {
  expect(
    recall(
      { type: 'restarting' },
      { type: 'warning', lab: 'a', text: 't' },
      { type: 'files', lab: 'a', changes: [] },
    ),
  ).toEqual([]);
});

it('keeps steps apart by lesson and step', () => {
  const step = (lesson: string, name: string): LearnerEvent => ({
    type: 'step',
    lab: 'a',
    step: { lesson, step: name, state: 'todo', message: '', at: 0, tries: 0, hints: [], acted: [] },
  });
  expect(recall(step('1', 's'), step('2', 's'), step('1', 's')).length).toBe(2);
});
