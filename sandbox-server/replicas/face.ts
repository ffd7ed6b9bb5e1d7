/**
 * Servers that work side by side on one database. One of them leads: it alone decides about labs, runs their checks and
 * renews their tokens; the others carry terminals, files and previews themselves and ask the leader for the rest.
 * docs/decisions/009-two-replicas.md says why.
 */
export interface Replicas {
  /** whether this one leads now */
  readonly leads: boolean;
  /** grows with each new leader; goes with every write about a lab, so that an earlier leader's comes too late (F22) */
  readonly term: number;
  /**
   * Begins to take part; resolves once this one leads and has begun, or another does.
   * @param role called in turns: `begin` when this one leads from now on, `cease` when it no longer does
   */
  start(role: Role): Promise<void>;
  /** to all others, in the order of telling; what is told while the database is away is lost, and `onGap` heard there */
  tell(topic: string, body: object): void;
  hear(topic: string, listener: (body: unknown) => void): Disposable;
  /** told when others may have told what was not heard */
  onGap(listener: () => void): Disposable;
  /**
   * Asks whoever leads, also where that is this one.
   * @param again whether it may be done twice: then a leader that dies in the middle costs a wait, not the answer
   * @throws the leader's Problem; `unavailable` where nobody leads for half a minute
   */
  ask(topic: string, body: object, again?: boolean): Promise<unknown>;
  /** answers whoever asks; to be called where `ask` may be */
  answer(topic: string, handler: (body: unknown) => Promise<unknown>): Disposable;
  /** hands the lead on at once */
  close(): Promise<void>;
}
export interface Role {
  begin(): Promise<void>;
  cease(): Promise<void>;
}
