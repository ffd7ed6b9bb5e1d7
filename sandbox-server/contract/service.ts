/**
 * A service: something a lesson needs outside its sandbox (a data lake, a cluster), shared by all learners.
 * The server knows it by a folder with `service.yaml` and a command; of what is behind it knows nothing.
 *
 * The command is run in the service's folder, with the project's Node first in PATH, as
 * `<command…> VERB [arguments] --json`. It prints JSON lines on stdout and log text on stderr, and exits 0 when
 * done; anything else is a failure whose last line of stdout is an `ErrorLine`. Every verb is idempotent, and
 * safe to run twice at once (a lock of the service's own). No token is ever in its arguments or environment.
 *
 *   up                                  `StageLine`s …, then one `ReadyLine`; up already: one `ReadyLine` soon
 *   down | reset                        exit status alone (`reset` empties data and keeps environments)
 *   status                              `ServiceStatus`, also when down
 *   address                             `ServiceAddress`, also when down and before the first `up`
 *   admit --user LOGIN --sub SUB        `Admission`, where `admits: true`; the same again is answered the same
 *   dismiss --user LOGIN                exit status alone
 *   verb NAME --user LOGIN [key=value…] `VerbAnswer`; bounded to what is that learner's
 *
 * Lines that are no JSON object of these kinds are ignored, so a service may say more than the server knows.
 */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { Login, Slug } from './names.ts';

const Word = z.string().min(1).max(1024);
const Sentence = z.string().max(2000);
/** a name of DNS as it stands in certificates and /etc/hosts: lower case, at least one dot, never an address */
const HostName = z
  .string()
  .max(64) // it names a socket inside, whose whole path has 107 bytes
  .regex(/^(?=.*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/);
const AnyPort = z.number().int().min(1).max(65535);

/** `service.yaml`. Unknown keys are errors. */
export const ServiceFile = z.strictObject({
  name: Slug,
  title: z.string().min(1).max(80),
  summary: z.string().max(300).default(''),
  /** argv before the verb, e.g. `[node, lake.ts]`; run in the folder of `service.yaml` */
  command: z.array(Word).min(1),
  /** learners must be admitted before their sandbox uses it */
  admits: z.boolean().default(false),
  /** what `as=NAME` fences of lessons may ask */
  verbs: z.array(Slug).max(64).default([]),
});
export type ServiceFile = z.infer<typeof ServiceFile>;

/** One named part of `up`. `begun` may be said again with other words or numbers; `done` and `failed` end it. */
export const StageLine = z.object({
  stage: z.string().min(1).max(40),
  state: z.enum(['begun', 'done', 'failed']),
  /** what a learner reads: "Starting PostgreSQL" */
  label: z.string().max(300),
  /** how long it took, once over */
  seconds: z.number().nonnegative().optional(),
  /** how far it is, where it can be counted */
  done: z.number().nonnegative().optional(),
  of: z.number().nonnegative().optional(),
});
export type StageLine = z.infer<typeof StageLine>;

const ReadyLine = z.object({ ready: z.literal(true), seconds: z.number().nonnegative() });
/** The last line of a verb that failed: what happened, and what to do about it. */
export const ErrorLine = z.object({
  error: z.object({ code: z.string().max(60), message: Sentence, todo: Sentence.default('') }),
});
export type ErrorLine = z.infer<typeof ErrorLine>;
export const UpLine = z.union([StageLine, ReadyLine, ErrorLine]);
export type UpLine = z.infer<typeof UpLine>;

const ServicePart = z.object({
  name: z.string().max(60),
  ok: z.boolean(),
  found: Sentence,
  /** what to do where not ok */
  todo: Sentence.default(''),
  /** resident bytes */
  memory: z.number().nonnegative().optional(),
});
export type ServicePart = z.infer<typeof ServicePart>;
/** `partly`: some parts run, some do not; `up` mends it. */
export const ServiceStatus = z.object({
  state: z.enum(['up', 'down', 'partly']),
  parts: z.array(ServicePart).max(100).default([]),
});
export type ServiceStatus = z.infer<typeof ServiceStatus>;

/** Where a sandbox finds it (`host:port`, the same inside as in certificates) and where that goes on this machine. */
const ServiceEndpoint = z.object({
  /** what it is, for programs of the server: `rucio`; default: the host's first label */
  name: Slug.optional(),
  host: HostName,
  /** inside nothing below 1024 can be listened on */
  port: z.number().int().min(1024).max(65535),
  to: z.object({ host: z.string().min(1).max(253), port: AnyPort }),
});
export type ServiceEndpoint = z.infer<typeof ServiceEndpoint>;

export const ServiceAddress = z.object({
  /** PEM file of the authority that its certificates are from; null: publicly trusted, or not made yet */
  ca: z.string().refine(isAbsolute, { message: 'an absolute path' }).nullable(),
  /** who signs the tokens it takes; null or absent: it takes none, or the portal's */
  issuer: z.url().nullable().default(null),
  endpoints: z.array(ServiceEndpoint).max(32),
  /** audiences of tokens that carry `issuer` as `iss` */
  audiences: z.array(z.string().min(1).max(300)).max(32).default([]),
  /** environment of shells and checks in sandboxes it is lent to; `{{user}}` is filled. Never a secret. */
  env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,40}$/), z.string().max(4096)).default({}),
  /**
   * Where `admit`, `dismiss` and `verb` may also be asked, without a process each: HTTP/1.1 on this unix socket,
   * `POST /admit {user,sub}`, `POST /dismiss {user}`, `POST /verb {name,user,arguments:{key:value}}`, answered by
   * 200 and the same JSON, or another status and an `ErrorLine`. Nobody there: the command is run.
   */
  steward: z.string().refine(isAbsolute, { message: 'an absolute path' }).nullable().default(null),
});
export type ServiceAddress = z.infer<typeof ServiceAddress>;

/** What a learner has there now: the server keeps it as it is, for pages and doctors. */
export const Admission = z.looseObject({ account: z.string().max(100) });
export type Admission = z.infer<typeof Admission>;

export const VerbAnswer = z.looseObject({
  /** the sentence a check shows */
  said: Sentence,
  /** exit status of the fence's line: 0 done, 1 not so (a check), 75 not yet */
  exit: z.number().int().min(0).max(255).default(0),
  /** what a check states with it: `{{fact:NAME}}` */
  facts: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,40}$/), z.string().max(1000)).default({}),
});
export type VerbAnswer = z.infer<typeof VerbAnswer>;

/** One line of an `as=SERVICE` fence: `refuse element=NAPOLI_USERDISK status=503`. */
export const Verb = z.object({
  name: Slug,
  arguments: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/), z.string().max(1024)),
});
export type Verb = z.infer<typeof Verb>;
export const VerbCall = Verb.extend({ user: Login });
export type VerbCall = z.infer<typeof VerbCall>;
