/**
 * What other rooms ask of services: what a lesson needs outside its sandbox, found under `infra/*`, started when the
 * first lab needs it, and left running when the server ends. The server knows no service by name.
 */
import type { Admission, ServiceAddress, ServiceStatus, Verb, VerbAnswer } from '../contract/service.ts';

/** `unknown`: nobody has asked it yet since the server started. */
export type ServiceCondition = 'unknown' | 'down' | 'starting' | 'partly' | 'up' | 'failed';

export interface ServiceState {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly admits: boolean;
  readonly verbs: readonly string[];
  readonly state: ServiceCondition;
  /** a sentence: "Data lake runs", "Starting PostgreSQL" */
  readonly text: string;
}

/** One stage of a start as a waiting learner reads it. */
export interface ServiceStage {
  readonly service: string;
  readonly stage: string;
  readonly state: 'begun' | 'done' | 'failed';
  readonly text: string;
  readonly progress?: { readonly done: number; readonly all: number; readonly unit: string };
}

/** Who is admitted: the login of their sandboxes, and what their tokens call them. */
export interface Admitted {
  readonly login: string;
  readonly subject: string;
}

/** Everything that a request of the server's own to an endpoint needs: connect to `to`, and demand `host` of it. */
export interface EndpointAddress {
  readonly host: string;
  readonly port: number;
  readonly to: { readonly host: string; readonly port: number };
  /** the authority of its certificate, PEM; null: a public one */
  readonly ca: string | null;
}

export interface Services {
  list(): readonly ServiceState[];
  get(name: string): ServiceState | undefined;
  /**
   * Resolves once it runs; starts it where it does not. One start at a time, shared by all who wait, each told its
   * stages; who stops waiting does not stop it. Problem `unavailable` with what happened and what to do; the next
   * call tries again.
   */
  ready(
    name: string,
    options?: { readonly signal?: AbortSignal; readonly onStage?: (stage: ServiceStage) => void },
  ): Promise<void>;
  /** gives the learner their account there, or finds it; null where the service admits nobody in particular */
  admit(name: string, who: Admitted): Promise<Admission | null>;
  /** removes what is this learner's there */
  dismiss(name: string, login: string): Promise<void>;
  /** as the service says it now; also when it is down */
  address(name: string): Promise<ServiceAddress>;
  /** @param endpoint its name, or its host. Problem `not-found` where the service has none of that name */
  endpoint(name: string, endpoint: string): Promise<EndpointAddress>;
  /** one verb for one learner: never about anybody else. Problem `bad-request` for a verb it does not have */
  call(name: string, verb: Verb, login: string, signal?: AbortSignal): Promise<VerbAnswer>;
  /** asks it now, starting nothing */
  status(name: string): Promise<ServiceStatus>;
  /** ends it for everybody (`palestra stop --services`) */
  stop(name: string): Promise<void>;
  watch(listener: (state: ServiceState) => void): Disposable;
  /** ends commands that are under way; services go on */
  close(): Promise<void>;
}
