/** A person's labs, their tickets, terminals and previews. */
import { z } from 'zod';
import { Preview, PreviewRequest, Ticket, TicketRequest } from '../../contract/api.ts';
import { Lab, StartLab } from '../../contract/lab.ts';
import { Id, TerminalName } from '../../contract/names.ts';
import { TerminalInfo } from '../../contract/terminal.ts';
import { signedIn } from '../app.ts';
import type { App, HostsNow, Rooms } from '../app.ts';
import { DONE, answers } from './answers.ts';

export const LabParams = z.object({ lab: Id });
const TerminalParams = LabParams.extend({ name: TerminalName });
const lab = { tags: ['labs'], params: LabParams, response: answers(Lab) };

export function labRoutes(app: App, { labs, tickets, previews }: Rooms, hosts: HostsNow): void {
  app.get('/api/labs', { schema: { tags: ['labs'], response: answers(z.array(Lab)) } }, async (request) => [
    ...(await labs.list(signedIn(request))),
  ]);
  app.post('/api/labs', { schema: { tags: ['labs'], body: StartLab, response: answers(Lab) } }, (request) =>
    labs.start(signedIn(request), request.body),
  );
  app.get('/api/labs/:lab', { schema: lab }, (request) => labs.get(signedIn(request), request.params.lab));
  app.delete('/api/labs/:lab', { schema: lab }, (request) => labs.end(signedIn(request), request.params.lab));
  app.post('/api/labs/:lab/pause', { schema: lab }, (request) =>
    labs.pause(signedIn(request), request.params.lab),
  );
  app.post('/api/labs/:lab/resume', { schema: lab }, (request) =>
    labs.resume(signedIn(request), request.params.lab),
  );

  app.post(
    '/api/labs/:lab/tickets',
    { schema: { tags: ['terminals'], params: LabParams, body: TicketRequest, response: answers(Ticket) } },
    async (request) => {
      const who = signedIn(request);
      // a lab that is not open says so here, in a sentence: a refused upgrade tells a browser nothing
      await labs.open(who, request.params.lab);
      const { terminal, mode } = request.body;
      return tickets.issue({ session: who.session, lab: request.params.lab, terminal }, mode);
    },
  );
  app.get(
    '/api/labs/:lab/terminals',
    { schema: { tags: ['terminals'], params: LabParams, response: answers(z.array(TerminalInfo)) } },
    async (request) => [
      ...(await (await labs.open(signedIn(request), request.params.lab)).agent.terminals()),
    ],
  );
  app.delete(
    '/api/labs/:lab/terminals/:name',
    { schema: { tags: ['terminals'], params: TerminalParams, response: DONE } },
    async (request, reply) => {
      const open = await labs.open(signedIn(request), request.params.lab);
      await open.agent.closeTerminal(request.params.name);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/labs/:lab/previews',
    { schema: { tags: ['previews'], params: LabParams, body: PreviewRequest, response: answers(Preview) } },
    (request) => previews.open(signedIn(request), request.params.lab, request.body, hosts().portal),
  );
}
