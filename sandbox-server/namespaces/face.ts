/** What other rooms ask for: a namespace of the learner's own on the cluster, ready for a lab and gone with the last. */
import type { Person } from '../identity/face.ts';
import type { Access } from './access.ts';

export type Learner = Pick<Person, 'id' | 'login'>;
/** A learner's way to the cluster, for one lab. */
export interface Prepared {
  readonly namespace: string;
  /** short, bound to the lab */
  readonly token: string;
  /** ms since the epoch */
  readonly expiresAt: number;
  /** the text of a kubeconfig that reads the token from this file */
  kubeconfig(tokenFile: string): string;
  /** where the sandbox must be able to connect before the lesson opens */
  readonly api: { readonly host: string; readonly port: number };
}
export interface Ahead {
  readonly person: Learner;
  readonly access: Access;
}
/** A namespace whose end waits for somebody. */
export interface Stuck {
  readonly namespace: string;
  readonly login: string;
  /** since when it ends, ms since the epoch */
  readonly since: number;
  /** the API server's own words, and the objects that had finalizers when it was ended */
  readonly heldBy: readonly string[];
}
export interface Swept {
  /** labs whose objects were taken away */
  readonly labs: readonly string[];
  /** namespaces whose end began */
  readonly ended: readonly string[];
  readonly stuck: readonly Stuck[];
}

export interface Namespaces {
  /** Idempotent, also from several replicas. Throws Problem `unavailable` where the cluster is away */
  prepare(person: Learner, lab: string, access: Access): Promise<Prepared>;
  /** Another token for the same lab; Problem `conflict` where the lab has nothing there any more */
  renew(person: Learner, lab: string): Promise<Prepared>;
  /** The lab's rights, ways and tokens end; with the last lab the namespace. Nothing there is no error. */
  end(person: Learner, lab: string): Promise<void>;
  /** Namespaces of an event's learners, without a lab: kept until then (ms). @returns those that failed, with why */
  prepareAll(
    people: readonly Ahead[],
    until: number,
  ): Promise<readonly { readonly person: Learner; readonly problem: string }[]>;
  /** What labs left that are gone, and what cannot end. To be called every few minutes. */
  sweep(isAlive: (lab: string) => boolean | Promise<boolean>): Promise<Swept>;
}
