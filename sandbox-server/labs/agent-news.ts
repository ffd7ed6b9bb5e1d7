/** What an agent says, as its learner's page is told. What a check needs alone (`command`) is not passed on. */
import type { AgentEvent } from '../contract/agent.ts';
import type { LearnerEvent } from '../contract/events.ts';
import { printable } from '../telemetry/index.ts';

export function newsFor(lab: string, event: AgentEvent): LearnerEvent | null {
  switch (event.type) {
    case 'hello':
      return { type: 'terminals', lab, terminals: event.status.terminals };
    case 'terminals':
      return { type: 'terminals', lab, terminals: event.terminals };
    case 'files':
      return { type: 'files', lab, changes: event.changes };
    case 'ports':
      return {
        type: 'ports',
        lab,
        ports: event.ports.map((p) => ({ port: p.port, command: printable(p.command, 300) })),
      };
    case 'warning':
      return { type: 'warning', lab, text: printable(event.text, 500) };
    case 'command':
      return null;
  }
}
