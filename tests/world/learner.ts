/** A learner in a world: signed in, a lab started, terminals attached: what journeys and benches both begin with. */
import type { Lab } from '../../sandbox-server/contract/lab.ts';
import { untilReady } from './lab-news.ts';
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
      return untilReady(person, lab, patience);
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
