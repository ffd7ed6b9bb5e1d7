/**
 * What the steward calls: faults of one learner at one element, their end, a copy to corrupt, the log to read; and an
 * element that stops altogether, for tests. Every one names its learner and reaches nothing of anybody else's.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../../../sandbox-server/contract/errors.ts';
import { Login } from '../../../sandbox-server/contract/names.ts';
import { elementOf, type ElementPlace, type LakePlace } from '../place.ts';
import { FAULT_LIFE, Fault, type FaultKind } from './fault.ts';
import { readFaults, removeFaults, usersWithFaults, writeFault } from './fault-folder.ts';
import { accessLogOf, faultsFolder } from './folders.ts';
import { readAccess, type AccessEntry } from './gate/access-log.ts';
import { askElement, startXrootd, stopXrootd } from './part.ts';
import { corruptFile, pathOfCopy, removeStored } from './stored.ts';

export interface FaultOfUser {
  readonly user: string;
  readonly rse: string;
  readonly fault: Fault;
  /** ms since the epoch */
  readonly until: number;
}

/** @param element RSE or short name. Strikes the next request; ends by itself after `ms` (2 h). */
export async function setFault(
  place: LakePlace,
  user: string,
  element: string,
  fault: Fault,
  ms = FAULT_LIFE,
): Promise<FaultOfUser> {
  const { rse } = named(place, element);
  const since = Date.now();
  const until = since + ms;
  await writeFault(faultsFolder(place), { rse, user: login(user) }, { fault, since, until });
  return { user, rse, fault, until };
}

/** What stands now: of one learner, or of everybody. */
export async function listFaults(place: LakePlace, user?: string): Promise<readonly FaultOfUser[]> {
  const found: FaultOfUser[] = [];
  for (const { rse } of place.elements) {
    const users = user === undefined ? await usersWithFaults(faultsFolder(place), rse) : [login(user)];
    for (const one of users)
      for (const { fault, until } of await readFaults(faultsFolder(place), { rse, user: one }))
        if (Date.now() < until) found.push({ user: one, rse, fault, until });
  }
  return found;
}

/** Ends a learner's faults: all of them, or those at one element, or of one kind. @returns how many there were */
export async function healFaults(
  place: LakePlace,
  user: string,
  only: { element?: string; kind?: FaultKind } = {},
): Promise<number> {
  const elements = only.element === undefined ? place.elements : [named(place, only.element)];
  const counts = await Promise.all(
    elements.map(({ rse }) => removeFaults(faultsFolder(place), { rse, user: login(user) }, only.kind)),
  );
  return counts.reduce((sum, one) => sum + one, 0);
}

/**
 * @param name of the file in Rucio (with or without its scope), or its path on the element
 * @returns the path that was corrupted
 */
export async function corruptCopy(
  place: LakePlace,
  user: string,
  element: string,
  name: string,
): Promise<string> {
  const path = pathOfCopy(login(user), name);
  await corruptFile(named(place, element), path);
  return path;
}

/** What elements logged of a learner's folder, oldest first. @param since ms since the epoch */
export async function readElementLog(
  place: LakePlace,
  user: string,
  options: { element?: string; since?: number; limit?: number } = {},
): Promise<readonly AccessEntry[]> {
  const elements = options.element === undefined ? place.elements : [named(place, options.element)];
  const { since = 0, limit = 200 } = options;
  const all = await Promise.all(
    elements.map(({ rse }) => readAccess(accessLogOf(place, rse), { user: login(user), since, limit })),
  );
  return all
    .flat()
    .sort((a, b) => a.time.localeCompare(b.time))
    .slice(-limit);
}

/** What a learner leaves behind at elements: faults and files, those too that Rucio does not know. */
export async function forgetLearner(place: LakePlace, user: string): Promise<void> {
  await healFaults(place, user);
  await Promise.all(place.elements.map((element) => removeStored(element, login(user))));
}

/** For everybody: its storage servers end, its gate says 503. For tests of what the lake does then. */
export async function stopElement(place: LakePlace, element: string): Promise<void> {
  await stopXrootd(place, named(place, element));
}

export async function startElement(place: LakePlace, element: string): Promise<void> {
  const found = named(place, element);
  await startXrootd(place, found);
  for (const deadline = Date.now() + 30_000; !(await answers(place, found)); await delay(50))
    if (Date.now() > deadline) throw new Problem('unavailable', `${found.rse} did not start in 30 s.`);
}

async function answers(place: LakePlace, element: ElementPlace): Promise<boolean> {
  return askElement(place, element).then(
    () => true,
    () => false,
  );
}

function named(place: LakePlace, element: string): ElementPlace {
  try {
    return elementOf(place, element);
  } catch (error) {
    if (error instanceof RangeError) throw new Problem('bad-request', error.message, { cause: error });
    throw error;
  }
}

function login(user: string): string {
  const parsed = Login.safeParse(user);
  if (parsed.success) return parsed.data;
  throw new Problem('bad-request', `${JSON.stringify(user)} is no login of a learner.`);
}
