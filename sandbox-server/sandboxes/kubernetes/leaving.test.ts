/** The driver's half of `palestra drain`: a pod that is asked to be left is told, as often as it is asked. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Driver } from '../driver.ts';
import { createLinks, temporaryTicketKeys } from '../link/index.ts';
import { createKubernetesDriver } from './driver.ts';
import { apiDouble, podObject, type ApiDouble, type Json } from './testing/api-double.ts';

let double: ApiDouble;
let driver: Driver;
const told: string[] = [];

beforeEach(async () => {
  told.length = 0;
  double = await apiDouble();
  driver = await createKubernetesDriver({
    access: double.access,
    namespace: 'labs',
    settingsOf: () => {
      throw new Error('nothing is made here');
    },
    trust: { keys: [] },
    linkTo: createLinks(temporaryTicketKeys()),
    log: { info: () => undefined, warn: () => undefined },
  });
});
afterEach(async () => {
  await driver.close();
  await double[Symbol.asyncDispose]();
});

const asked = (pod: Json, at: string): Json => {
  const metadata = pod['metadata'] as { annotations: Json };
  const annotations = { ...metadata.annotations, 'palestra.dev/leave-asked-at': at };
  return { ...pod, metadata: { ...metadata, annotations } };
};
const becomes = async (so: () => boolean): Promise<void> => {
  while (!so()) await new Promise((resolve) => setTimeout(resolve, 10));
};
const heard = (n: number): Promise<void> => becomes(() => told.length === n);

describe('a pod that is asked to be left', () => {
  it('is told once for each time it is asked, and stays a sandbox', async () => {
    double.put(podObject('mine', { lab: 'lab1' }));
    await driver.adopt();
    driver.watch(({ type, sandbox }) => {
      if (type === 'leaving') told.push(sandbox.lab ?? 'warm');
    });
    await becomes(() => double.watches === 1);
    double.put(asked(podObject('mine', { lab: 'lab1' }), '10:00'));
    await heard(1);
    // a change of something else
    double.put(asked(podObject('mine', { lab: 'lab1' }), '10:00'));
    double.put(asked(podObject('mine', { lab: 'lab1' }), '10:01'));
    await heard(2);
    // warm ones are the cluster's to move
    double.put(asked(podObject('warm'), '10:02'));
    double.put(asked(podObject('other', { lab: 'lab2' }), '10:02'));
    await heard(3);
    expect(told).toEqual(['lab1', 'lab1', 'lab2']);
    expect((await driver.list()).map(({ lab }) => lab)).toContain('lab1');
  });
});
