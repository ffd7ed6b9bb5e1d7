/** What other rooms ask of labs. Everything is checked against the owner; somebody else's lab is `not-found`. */
import type { Lab, StartLab } from '../contract/lab.ts';
import type { Language } from '../contract/names.ts';
import type { Progress, StepProgress } from '../contract/progress.ts';
import type { LearnerEvent } from '../contract/events.ts';
import type { SignedIn } from '../identity/face.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
import type { Sandbox } from '../sandboxes/driver.ts';

export interface OpenLab {
  readonly lab: Lab;
  readonly sandbox: Sandbox;
  readonly agent: AgentLink;
}
export interface Labs {
  /** Idempotent: the same learner and course give the same lab, also from 100 parallel requests and across a crash. Answers at once. */
  start(who: SignedIn, request: StartLab): Promise<Lab>;
  list(who: SignedIn): Promise<readonly Lab[]>;
  get(who: SignedIn, lab: string): Promise<Lab>;
  pause(who: SignedIn, lab: string): Promise<Lab>;
  resume(who: SignedIn, lab: string): Promise<Lab>;
  end(who: SignedIn, lab: string): Promise<Lab>;
  /** the running sandbox; Problem `sandbox-gone` or `conflict` where it is not ready */
  open(who: SignedIn, lab: string): Promise<OpenLab>;
  /** the same without an owner: for checks that run by themselves */
  openUnowned(lab: string): Promise<OpenLab>;
  /** the ready lab behind a sandbox id (previews) */
  bySandbox(sandbox: string): Promise<OpenLab | null>;
  progress(who: SignedIn, course: string): Promise<Progress>;
  /** the same by lab, without an owner: for checks that run by themselves */
  progressOf(lab: string): Promise<Progress>;
  /** of the page from which it was last entered */
  languageOf(lab: string): Promise<Language>;
  /** write one transition with its time; done and skipped are only left by `reset: true` */
  record(lab: string, step: StepProgress, options?: { reset?: boolean }): Promise<StepProgress>;
  learn(lab: string, facts: Readonly<Record<string, string>>): Promise<void>;
  /** events of one person, from now on; begins with a `lab` for each lab of theirs */
  subscribe(person: string, listener: (event: LearnerEvent) => void): Promise<Disposable>;
  /** told when a lab stops being open: sockets must close */
  onClosed(listener: (lab: string, why: 'paused' | 'ended' | 'lost') => void): Disposable;
  /** told when a lab is ready, also after adoption: checks begin to listen */
  onReady(listener: (open: OpenLab) => void): Disposable;
  /** told when another server looks after a lab from now on: its sockets go on, what ran for it here ends */
  onLeft(listener: (lab: string) => void): Disposable;
  /** after `driver.adopt()`, when this server begins to lead: labs that run are found again, those on their way go on */
  adopt(): Promise<void>;
  /** this server leads no longer: nothing is decided here any more, nothing ends */
  cease(): Promise<void>;
  /** stop watching; labs and their sandboxes run on */
  close(): Promise<void>;
}
