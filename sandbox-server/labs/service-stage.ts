/**
 * A lesson's services before its sandbox is claimed: running, each stage of a start named and timed as it goes on, and
 * the learner admitted. A part that several parts of a service work on at once is told by whichever began last.
 */
import type { Stage } from '../contract/lab.ts';
import { Problem } from '../contract/errors.ts';
import type { Person } from '../identity/face.ts';
import type { ServiceStage, Services } from '../services/face.ts';

export interface ServiceNews {
  /** another stage begins */
  begins(name: string, text: string): void;
  /** the same one goes on */
  goesOn(name: string, text: string, progress: Stage['progress']): void;
}

/** @returns at once where all run. Throws Problem `unavailable`, or the signal's reason */
export async function untilServicesRun(
  services: Pick<Services, 'get' | 'ready'>,
  names: readonly string[],
  news: ServiceNews,
  signal: AbortSignal,
): Promise<void> {
  for (const name of names) {
    const title = services.get(name)?.title ?? name;
    await services.ready(name, { signal, onStage: teller(name, title, news) });
  }
}

function teller(service: string, title: string, news: ServiceNews): (stage: ServiceStage) => void {
  const open = new Map<string, ServiceStage>();
  let shown: string | null = null;
  const show = (stage: ServiceStage): void => {
    const name = `${service}/${stage.stage}`;
    const text = `${title}: ${stage.text}`;
    if (shown !== stage.stage) news.begins(name, text);
    shown = stage.stage;
    if (stage.progress !== undefined) news.goesOn(name, text, stage.progress);
  };
  return (stage) => {
    const known = open.has(stage.stage);
    if (stage.state === 'begun') open.set(stage.stage, stage);
    else open.delete(stage.stage);
    if (stage.state === 'begun' && (!known || shown === stage.stage)) return show(stage);
    // the one that is shown has ended: another still goes on
    const other = [...open.values()].at(-1);
    if (stage.state !== 'begun' && shown === stage.stage && other !== undefined) show(other);
  };
}

/** Gives the learner their accounts there. Throws Problem `unavailable` with the service's own words */
export async function admitTo(
  services: Pick<Services, 'admit'>,
  names: readonly string[],
  person: Person,
): Promise<void> {
  const { login, subject } = person;
  for (const name of names) {
    if (subject === undefined)
      throw new Problem('sign-in-again', 'It is not known who you are to this service. Sign in again.');
    await services.admit(name, { login, subject });
  }
}
