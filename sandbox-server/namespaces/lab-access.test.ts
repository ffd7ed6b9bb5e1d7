/** The renewals of a lab's token, against an API that is away now and then. The whole way is in tests/stack/namespaces. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../contract/errors.ts';
import { ClusterNeed, NamespaceSettings } from '../contract/namespace.ts';
import { silentLog } from '../telemetry/index.ts';
import { createLabAccess, renewAfter } from './lab-access.ts';
import type { LabAccess, Prepared } from './face.ts';

const HOUR = 3_600_000;
const person = { id: 'abcdefghijklmnopqrst', login: 'ada', groups: ['staff'] };
const lab = 'l'.repeat(20);
let tokens: string[];
let away: boolean;
let ended: string[];
let access: LabAccess;

const prepared = (token: string): Prepared => ({
  namespace: 'n',
  token,
  expiresAt: Date.now() + HOUR,
  kubeconfig: () => 'config',
  api: { host: '127.0.0.1', port: 1 },
});
const link = {
  tokens: ({ tokens: given }: { tokens: readonly { token: string }[] }) => {
    tokens.push(...given.map(({ token }) => token));
    return Promise.resolve();
  },
  run: () => Promise.resolve({ exit: 0, stdout: '/run/palestra/tokens', stderr: '', ms: 1, timedOut: false }),
  give: () => Promise.resolve({ written: ['.kube/config'], kept: [], asNew: [] }),
};
const need = (what: object) => ClusterNeed.parse(what);
const of = () => ({ lab, person, needs: [need({ roles: ['jobs'] })], link });

beforeEach(() => {
  vi.useFakeTimers();
  [tokens, away, ended] = [[], false, []];
  let n = 0;
  access = createLabAccess({
    namespaces: {
      prepare: () => Promise.resolve(prepared('first')),
      renew: () =>
        away
          ? Promise.reject(new Problem('unavailable', 'away'))
          : Promise.resolve(prepared(`next-${String((n += 1))}`)),
      end: (_person, which) => Promise.resolve(void ended.push(which)),
      sweep: () => Promise.resolve({ labs: [], ended: [], stuck: [] }),
    },
    config: {
      namespaces: NamespaceSettings.parse({}),
      groups: { staff: { roles: ['learner'], labs: 3, sizes: ['medium'] } },
    },
    log: silentLog(),
  });
});
afterEach(() => {
  access.close();
  vi.useRealTimers();
});

describe('a lab’s way to the cluster', () => {
  it('is told in stages, and its token renewed again and again', async () => {
    const stages: string[] = [];
    await access.open(of(), (text) => stages.push(text));
    expect(stages).toEqual([
      'Preparing your namespace on the cluster',
      'Waiting for the network to the cluster',
    ]);
    await vi.advanceTimersByTimeAsync(2 * HOUR);
    expect(tokens[0]).toBe('first');
    expect(tokens.length).toBeGreaterThanOrEqual(3);
  });
  it('F8 outlives an API server that is away: tried again until there is a token', async () => {
    await access.open(of(), () => undefined);
    away = true;
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(tokens).toEqual(['first']);
    away = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tokens).toHaveLength(2);
  });
  it('is renewed at once after a restart, and not at all once stopped or ended', async () => {
    access.resume(of());
    await vi.advanceTimersByTimeAsync(10);
    expect(tokens).toEqual(['next-1']);
    access.stop(lab);
    await vi.advanceTimersByTimeAsync(3 * HOUR);
    expect(tokens).toHaveLength(1);
    await access.open(of(), () => undefined);
    await access.end(person, lab);
    await vi.advanceTimersByTimeAsync(3 * HOUR);
    expect([tokens.length, ended]).toEqual([2, [lab]]);
  });
  it('is refused before anything is made where the lesson asks for what is not granted', async () => {
    const large = [need({ size: 'large' })];
    await expect(access.open({ ...of(), needs: large }, () => undefined)).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(tokens).toEqual([]);
    expect(() => access.vet(person, large)).toThrow('your groups grant small, medium');
    expect(() => access.vet({ groups: [] }, [need({ size: 'medium' })])).toThrow('your groups grant small.');
    access.vet(person, [need({ size: 'medium' })]);
  });
  it('renews well before the end, spread over time', () => {
    expect([renewAfter(HOUR, 0), renewAfter(HOUR, 1)]).toEqual([0.6 * HOUR, 0.75 * HOUR]);
    expect(renewAfter(-5, 0.5)).toBe(1000);
  });
});
