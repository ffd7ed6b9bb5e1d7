/** A learner in a world: signed in, a lab started, terminals attached: what journeys and benches both begin with. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../sandbox-server/contract/lab.ts';
import { visitor, type Visitor } from './visitor.ts';

export interface Learner extends Visitor {
  readonly name: string;
  /** press Start and wait until it is ready; throws with the lab's own problem */
  start(course: string, lesson: string, options?: { prepare?: boolean; patience?: number }): Promise<Lab>;
  /** headers and subprotocols that a terminal's WebSocket needs */
  ticket(
    lab: string,
    terminal: string,
    mode?: 'read' | 'write',
  ): Promise<{ protocols: string[]; headers: Record<string, string> }>;
}

export async function learner(url: string, name: string): Promise<Learner> {
  const person = visitor(url);
  await person.signIn(name);
  return {
    ...person,
    name,
    async start(course, lesson, { prepare = false, patience = 120_000 } = {}) {
      const lab = await person.json<Lab>('POST', '/api/labs', { course, lesson, prepare });
      return until(person, lab, patience);
    },
    async ticket(lab, terminal, mode = 'write') {
      const { ticket } = await person.json<{ ticket: string }>('POST', `/api/labs/${lab}/tickets`, {
        terminal,
        mode,
      });
      return {
        protocols: ['palestra.terminal.v1', `ticket.${ticket}`],
        headers: { cookie: person.cookies('/api'), origin: url },
      };
    },
  };
}

async function until(person: Visitor, first: Lab, patience: number): Promise<Lab> {
  const end = Date.now() + patience;
  let lab = first;
  while (lab.state !== 'ready') {
    if (lab.problem !== null || lab.state === 'failed' || lab.state === 'ended')
      throw new Error(`the lab is ${lab.state}: ${lab.problem?.message ?? ''}`);
    if (Date.now() > end)
      throw new Error(`the lab was still ${lab.state} after ${patience} ms: ${JSON.stringify(lab.stages)}`);
    await sleep(10);
    lab = await person.json<Lab>('GET', `/api/labs/${first.id}`);
  }
  return lab;
}
