/** What other rooms ask for: a namespace of the learner's own on the cluster, ready for a lab and gone with the last. */
import type { ClusterNeed } from '../contract/namespace.ts';
import type { Person } from '../identity/face.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
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

/** A lab that runs, and the agent in its sandbox. */
export interface RunningLab {
  readonly lab: string;
  readonly person: Learner;
  readonly link: Pick<AgentLink, 'tokens' | 'run' | 'give'>;
}
export interface LabOnCluster extends RunningLab {
  readonly person: Learner & Pick<Person, 'groups'>;
  /** of all lessons that are opened at once: at least one */
  readonly needs: readonly ClusterNeed[];
  readonly signal?: AbortSignal;
}
/** The cluster as labs use it. */
export interface LabAccess {
  /** Throws Problem where their groups, or this installation, do not give what these lessons ask: nothing is made */
  vet(person: Pick<Person, 'groups'>, needs: readonly ClusterNeed[]): void;
  /** Idempotent; a further lesson of the same lab replaces what the one before needed. Throws Problem */
  open(of: LabOnCluster, onStage: (text: string) => void): Promise<void>;
  /** after a restart of the server: only the token is kept fresh again */
  resume(of: RunningLab): void;
  /** no more renewals: the sandbox is gone, or its lesson needs none; the work in the namespace goes on */
  stop(lab: string): void;
  /** the lab's rights end, and with the last lab the namespace. Throws Problem `unavailable` where the cluster is away */
  end(person: Learner, lab: string): Promise<void>;
  /** ends what labs left that are gone; to be called every few minutes. Throws as `end` */
  sweep(isAlive: (lab: string) => Promise<boolean>): Promise<void>;
  close(): void;
}
