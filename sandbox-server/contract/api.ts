/**
 * HTTP resources under `/api` that are not a lab, a file or an event. The routes:
 *
 * GET    /api/session                                  Session (200 also when signed out)
 * GET    /auth/login?next=  /auth/callback             the OIDC code flow
 * POST   /auth/logout                                  204; sockets closed within 5 s
 * GET    /api/courses                                  CourseSummary[]
 * GET    /api/courses/:course/progress                 Progress
 * GET    /api/labs   POST /api/labs (StartLab)         Lab[] / Lab: answered at once, stages come as events
 * GET    /api/labs/:lab   DELETE                       Lab; DELETE ends it (progress stays, home goes)
 * POST   /api/labs/:lab/pause   /resume                Lab (home kept)
 * GET    /api/events                                   SSE of LearnerEvent; begins with a `lab` for each lab
 * POST   /api/labs/:lab/tickets (TicketRequest)        Ticket: one use, 30 s
 * WS     /api/labs/:lab/terminals/:name                the terminal protocol; ticket in the subprotocol
 * GET    /api/labs/:lab/terminals  DELETE …/:name      TerminalInfo[]
 * GET    /api/labs/:lab/files/tree?path=               FileTree
 * GET    /api/labs/:lab/files/content?path=            bytes; PUT with If-Match or If-None-Match: *
 * POST   /api/labs/:lab/files/folder?path=  /move      201 / 204
 * DELETE /api/labs/:lab/files?path=                    204
 * POST   /api/labs/:lab/previews { port, path? }       Preview: an address on the sandbox's own origin
 * POST   /api/labs/:lab/steps/:lesson/:step/run        RunAction → TypeResult, or 409 `busy`
 * POST   /api/labs/:lab/steps/:lesson/:step/cell       CellAction → CellAnswer
 * POST   /api/labs/:lab/steps/:lesson/:step/acted      { action } → StepProgress (an edit was inserted, a text read)
 * POST   /api/labs/:lab/steps/:lesson/:step/check      StepProgress
 * POST   /api/labs/:lab/steps/:lesson/:step/reset      StepProgress
 * POST   /api/labs/:lab/steps/:lesson/:step/answer     Answer → Answered
 * GET    /api/labs/:lab/steps/:lesson/:step/solution   Solution
 * GET    /api/labs/:lab/data   /data/events           LakeData / SSE of LakeNews (contract/lake.ts)
 * GET    /api/check   WS /api/check/socket   GET /api/check/events   what the page /check measures with
 * GET    /livez /readyz /metrics   /api/docs (OpenAPI)
 *
 * Every state-changing request needs `Sec-Fetch-Site: same-origin` (or, from a program, no such header
 * and no cookie) and the header `X-Palestra: 1`. Every failure is a ProblemBody.
 */
import { z } from 'zod';
import { Id, Login, Port, Slug, TerminalName } from './names.ts';

export const Role = z.enum(['learner', 'author', 'instructor', 'operator']);
export type Role = z.infer<typeof Role>;
export const Me = z.object({
  id: Id,
  login: Login,
  name: z.string().max(100),
  email: z.string().max(200).nullable(),
  groups: z.array(z.string()),
  roles: z.array(Role),
  /** when this login ends, ms */
  until: z.number(),
});
export type Me = z.infer<typeof Me>;

export const KitState = z.object({
  name: Slug,
  state: z.enum(['absent', 'preparing', 'ready', 'failed']),
  /** a sentence: "Installing 41 of 62 packages" */
  text: z.string(),
  progress: z.object({ done: z.number(), all: z.number(), unit: z.string() }).optional(),
  versions: z.record(z.string(), z.string()).default({}),
});
export type KitState = z.infer<typeof KitState>;

export const Session = z.object({
  me: Me.nullable(),
  kits: z.array(KitState),
  version: z.string(),
  /** the provider's name on the sign-in button */
  provider: z.string(),
  /** whether `npm run dev` serves this: pages follow what authors save (contract/authoring.ts) */
  authoring: z.boolean().default(false),
});
export type Session = z.infer<typeof Session>;

export const CourseSummary = z.object({
  id: Slug,
  title: z.string(),
  entitled: z.boolean(),
  lessons: z.array(
    z.object({ id: Slug, title: z.string(), minutes: z.number(), done: z.number(), steps: z.number() }),
  ),
});
export type CourseSummary = z.infer<typeof CourseSummary>;

export const TicketRequest = z.object({
  terminal: TerminalName,
  mode: z.enum(['write', 'read']).default('write'),
});
export const Ticket = z.object({ ticket: z.string(), expiresAt: z.number() });
export const PreviewRequest = z.object({
  port: Port,
  /** where on its origin the preview begins; default: at its start */
  path: z.string().startsWith('/').max(1000).optional(),
});
export const Preview = z.object({ url: z.string() });
export const RunAction = z.object({ action: z.string().max(120), terminal: TerminalName.optional() });
export const CellAction = z.object({
  action: z.string().max(120),
  /** `run` answers once the cell has begun or waits for its turn; what came of it stands in the notebook */
  do: z.enum(['run', 'interrupt', 'restart', 'open']),
});
export type CellAction = z.infer<typeof CellAction>;
/** Where JupyterLab shows the notebook: a port of the sandbox, and the path that lets its learner in. */
export const JupyterLab = z.object({ port: Port, path: z.string().startsWith('/').max(1000) });
export type JupyterLab = z.infer<typeof JupyterLab>;
/** `lab` after `open` */
export const CellAnswer = z.object({ lab: JupyterLab.optional() });
export type CellAnswer = z.infer<typeof CellAnswer>;
export const Acted = z.object({ action: z.string().max(120) });
export const Answer = z.object({
  question: z.string().max(120),
  choices: z.array(z.number().int()).max(50).optional(),
  text: z.string().max(2000).optional(),
});
export type Answer = z.infer<typeof Answer>;
export const Answered = z.object({ right: z.boolean(), why: z.string() });
export type Answered = z.infer<typeof Answered>;
export const Solution = z.object({ solutions: z.array(z.object({ lang: z.string(), code: z.string() })) });
export type Solution = z.infer<typeof Solution>;
/** Sent by a program or page on every state-changing request; a form on another site cannot set it. */
export const XSRF_HEADER = 'x-palestra';
