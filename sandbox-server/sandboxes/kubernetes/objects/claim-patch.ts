/**
 * A claim is one JSON patch with tests: of two servers only one gets a pod, and a pod that is going is nobody's
 * (cluster finding 1: `deletionTimestamp` null holds for an absent one). Pure.
 */
import { ANNOTATION, CLAIMED, GATE, LABEL, WARM } from './names.ts';

export interface PatchOperation {
  readonly op: 'test' | 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

export interface ClaimFacts {
  readonly uid: string;
  readonly lab: string;
  /** SHA-256 of its certificate, read while it was warm */
  readonly pin: string;
  /** ms since the epoch */
  readonly now: number;
  /** when the kubelet started it, ms: a deadline counts from there */
  readonly startedAt: number;
  /** how long a sandbox may live after its claim, seconds */
  readonly lifetime: number;
}

export function claimPatch(facts: ClaimFacts): readonly PatchOperation[] {
  const { uid, lab, pin, now, startedAt, lifetime } = facts;
  const age = Math.max(0, Math.ceil((now - startedAt) / 1000));
  return [
    test('/metadata/uid', uid),
    test(label(LABEL.app), WARM),
    test('/metadata/deletionTimestamp', null),
    { op: 'replace', path: label(LABEL.app), value: CLAIMED },
    { op: 'add', path: label(LABEL.lab), value: lab },
    // without it and `app` no selector of a pool fits, also not one that somebody writes by hand (finding 8)
    { op: 'remove', path: label(LABEL.templateHash) },
    { op: 'add', path: annotation(ANNOTATION.pin), value: pin },
    { op: 'add', path: annotation(ANNOTATION.claimedAt), value: new Date(now).toISOString() },
    { op: 'add', path: annotation(ANNOTATION.evict), value: 'false' },
    // the kubelet ends it where no server is left to do so
    { op: 'add', path: '/spec/activeDeadlineSeconds', value: age + lifetime },
  ];
}

/** For a pod that was made for its lab: its certificate is known once it runs. */
export function pinPatch(uid: string, pin: string): readonly PatchOperation[] {
  return [test('/metadata/uid', uid), { op: 'add', path: annotation(ANNOTATION.pin), value: pin }];
}

/** Says to all servers that the pod's end is meant. */
export function releasePatch(uid: string, now: number): readonly PatchOperation[] {
  return [
    test('/metadata/uid', uid),
    { op: 'add', path: annotation(ANNOTATION.released), value: new Date(now).toISOString() },
    { op: 'add', path: annotation(ANNOTATION.evict), value: 'true' },
  ];
}

/** Asks whichever server leads to have the pod left; asked again it is another time, and heard again. */
export function leavePatch(uid: string, now: number): readonly PatchOperation[] {
  return [
    test('/metadata/uid', uid),
    { op: 'add', path: annotation(ANNOTATION.leave), value: new Date(now).toISOString() },
  ];
}

/** Lets the scheduler have a pool's pod. @param gate where among its gates ours is: others may have theirs there too */
export function ungatePatch(uid: string, gate: number): readonly PatchOperation[] {
  const path = `/spec/schedulingGates/${String(gate)}`;
  return [test('/metadata/uid', uid), test(`${path}/name`, GATE), { op: 'remove', path }];
}

const test = (path: string, value: unknown): PatchOperation => ({ op: 'test', path, value });
const label = (name: string): string => `/metadata/labels/${escaped(name)}`;
const annotation = (name: string): string => `/metadata/annotations/${escaped(name)}`;
const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
