/**
 * The tables. Times are ms since the epoch; `json` columns hold what the contract's schema of that name
 * says, as text, parsed where they are read; booleans are 0 or 1.
 */
import type { ColumnType, Generated, Selectable } from 'kysely';
import type { LabState } from '../contract/lab.ts';
import type { Language } from '../contract/names.ts';
import type { StepState } from '../contract/progress.ts';

/** Where the tables are: PostgreSQL for more than one server, SQLite for one. */
export type Engine = 'sqlite' | 'postgres';
/** JSON as text: written and read by whoever owns the row. */
export type JsonText = string;

/** Who ever signed in. `id` is the hash of (iss, sub): never of an e-mail or a name. */
export interface PeopleTable {
  id: string;
  iss: string;
  sub: string;
  /** the learner's name in sandboxes: distinct */
  login: string;
  name: string;
  email: string | null;
  /** string[] */
  groups: JsonText;
  seen_at: number;
}
/** One login. The cookie's value is nowhere: only its hash. Token columns are ciphertext of identity's making. */
export interface SessionsTable {
  hash: string;
  person: string;
  created_at: number;
  until: number;
  id_token_sub: string | null;
  access_token: string | null;
  refresh_token: string | null;
  access_until: number | null;
  scope: string | null;
}
/** A login on its way: between the redirect to the provider and the callback. */
export interface FlowsTable {
  /** hash of the state */
  state: string;
  nonce: string;
  verifier: string;
  next: string;
  until: number;
}
/** A browser's one-use permission to open one socket: deleted by its use. */
export interface TicketsTable {
  hash: string;
  lab: string;
  terminal: string;
  mode: 'read' | 'write';
  session: string;
  until: number;
}
/** A learner's work on a course. At most one not ended for each (person, course): a unique index holds it. */
export interface LabsTable {
  id: string;
  person: string;
  course: string;
  lesson: string;
  state: LabState;
  /** Stage[] */
  stages: JsonText;
  sandbox: string | null;
  kit: string;
  isolation: 'enforced' | 'advisory' | 'unsandboxed' | null;
  created_at: number;
  ready_at: number | null;
  kept_until: number;
  /** ProblemBody */
  problem: JsonText | null;
  /** asked with *Prepare this for me*: survives a crash in between */
  prepare: ColumnType<number, number | undefined, number>;
  /** string[]: lessons replayed into this home by *Prepare* */
  prepared: ColumnType<JsonText, JsonText | undefined, JsonText>;
  /** who started it, where not the learner */
  started_by: string | null;
  /** which of the person's places it holds, from 1, while it has a sandbox or waits for one; unique for each person */
  slot: number | null;
  /** the term of the server that wrote it last: an earlier one may not any more */
  fence: ColumnType<number, number | undefined, number>;
  /** of the page from which it was last entered */
  language: ColumnType<Language, Language | undefined, Language>;
}
/** Who decides about something, until when (ms by the database's own clock). `term` grows with each new holder. */
export interface LeasesTable {
  name: string;
  holder: string;
  term: number;
  until: number;
}
/** What servers say to each other where a notice is too short for it; swept after a minute. */
export interface MessagesTable {
  id: string;
  body: string;
  at: number;
}
/** What all servers of a database must have alike: the first writes it down. */
export interface AgreementsTable {
  name: string;
  value: string;
}
/** A step's progress belongs to (person, course): it stays when a lab ends. */
export interface StepsTable {
  person: string;
  course: string;
  lesson: string;
  step: string;
  state: StepState;
  message: string;
  at: number;
  tries: number;
  /** HintShown[] */
  hints: JsonText;
  waiting: JsonText | null;
  /** string[] */
  acted: JsonText;
}
/** Each change of a step's state, in order; never changed. */
export interface TransitionsTable {
  id: Generated<number>;
  person: string;
  course: string;
  lesson: string;
  step: string;
  lab: string;
  state: StepState;
  message: string;
  at: number;
}
/** What checks stated, for `{{fact:NAME}}`. */
export interface FactsTable {
  person: string;
  course: string;
  name: string;
  value: string;
  at: number;
}
/** Who has a lab's kept home now. Only the newest generation's sandbox may save (finding 6). */
export interface HomesTable {
  lab: string;
  /** goes up with each sandbox that gets the home */
  generation: number;
  /** the sandbox of this generation */
  sandbox: string;
  /** 1 once the home is whole in that sandbox: half a home must never be saved over a whole one */
  filled: number;
  /** numbers given to saves of this lab so far */
  saves: number;
  /** of the home in that sandbox when it was last the same as the newest snapshot */
  fingerprint: string | null;
  /** another server saves it meanwhile, until then at most */
  saving_until: number;
}
/** One snapshot that is whole in the object store; the newest is (generation, number). */
export interface HomeSnapshotsTable {
  lab: string;
  generation: number;
  number: number;
  key: string;
  sha256: string;
  /** bytes in the store, compressed */
  size: number;
  files: number;
  /** bytes of files, before compression */
  bytes: number;
  /** SnapshotSummary['leftOut'] */
  left_out: JsonText;
  saved_at: number;
  /** why it cannot be used, found at a restore */
  broken: string | null;
}
export interface Schema {
  leases: LeasesTable;
  messages: MessagesTable;
  agreements: AgreementsTable;
  people: PeopleTable;
  sessions: SessionsTable;
  flows: FlowsTable;
  tickets: TicketsTable;
  labs: LabsTable;
  steps: StepsTable;
  transitions: TransitionsTable;
  facts: FactsTable;
  homes: HomesTable;
  home_snapshots: HomeSnapshotsTable;
}
export type PersonRow = Selectable<PeopleTable>;
export type SessionRow = Selectable<SessionsTable>;
export type LabRow = Selectable<LabsTable>;
export type StepRow = Selectable<StepsTable>;
export type HomeSnapshotRow = Selectable<HomeSnapshotsTable>;
