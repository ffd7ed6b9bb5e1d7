/**
 * What a tab that joins the shared stream late must be told: the newest of each kind. Pure.
 * Emptied whenever the stream opens anew, for the server then begins again with a `lab` for each lab.
 */
import type { LearnerEvent } from '../../../../sandbox-server/contract/events.ts';

export type Memory = ReadonlyMap<string, LearnerEvent>;

/** @returns the memory with this event in it; what only matters when it happens (files, warnings) is not kept. */
export function remember(memory: Memory, event: LearnerEvent): Memory {
  const key = keyOf(event);
  if (key === null) return memory;
  const next = new Map(memory);
  // last in the order of the map, so that what is recalled comes in the order it was heard
  next.delete(key);
  const known = memory.get(key);
  next.set(
    key,
    event.type === 'facts' && known?.type === 'facts'
      ? { ...event, facts: { ...known.facts, ...event.facts } }
      : event,
  );
  return next;
}

function keyOf(event: LearnerEvent): string | null {
  switch (event.type) {
    case 'lab':
      return `lab ${event.lab.id}`;
    case 'step':
      return `step ${event.lab} ${event.step.lesson} ${event.step.step}`;
    case 'facts':
    case 'terminals':
    case 'ports':
    case 'help':
      return `${event.type} ${event.lab}`;
    case 'notice':
      return `notice ${event.id}`;
    case 'files':
    case 'warning':
    case 'restarting':
      return null;
  }
}
