/** The learner's event stream (SSE, `GET /api/events`): one for all their tabs and labs. */
import { z } from 'zod';
import { Id } from './names.ts';
import { Lab } from './lab.ts';
import { StepProgress } from './progress.ts';
import { FileChange } from './files.ts';
import { TerminalInfo } from './terminal.ts';

export const LearnerEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('lab'), lab: Lab }),
  z.object({ type: z.literal('step'), lab: Id, step: StepProgress }),
  z.object({ type: z.literal('facts'), lab: Id, facts: z.record(z.string(), z.string()) }),
  z.object({ type: z.literal('files'), lab: Id, changes: z.array(FileChange) }),
  z.object({ type: z.literal('terminals'), lab: Id, terminals: z.array(TerminalInfo) }),
  z.object({
    type: z.literal('ports'),
    lab: Id,
    ports: z.array(z.object({ port: z.number(), command: z.string() })),
  }),
  /** disk or memory near its bound, a child ended for it: a sentence */
  z.object({ type: z.literal('warning'), lab: Id, text: z.string() }),
  /** an instructor speaks to all, or answers (events, a later issue) */
  z.object({ type: z.literal('notice'), id: z.string(), from: z.string(), text: z.string(), at: z.number() }),
  z.object({
    type: z.literal('help'),
    lab: Id,
    state: z.enum(['none', 'asked', 'coming', 'here']),
    by: z.string().optional(),
  }),
  /** the server is about to stop: reconnect, do not give up */
  z.object({ type: z.literal('restarting') }),
]);
export type LearnerEvent = z.infer<typeof LearnerEvent>;
