import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseSettings } from '../../sandbox-server/cli/settings.ts';
import { ServiceAddress } from '../../sandbox-server/contract/service.ts';
import { addressOf } from '../data-lake/address.ts';
import { lakePlace } from '../data-lake/place.ts';
import { accessOf, byFolder } from './testing/golden.ts';
import { chartWith, findHelm, NO_HELM, manifestsOf } from './testing/helm.ts';
import type { Manifest } from './testing/helm.ts';

const CASES = ['minimal', 'usual', 'everything'] as const;
const FILES = [...[...CASES, 'lake'].map((name) => `cases/${name}.yaml`), 'values-dev.yaml'];
const helm = findHelm();
const why = helm === null ? ` (skipped: ${NO_HELM})` : '';
const chart = chartWith(helm ?? 'helm');
const golden = (...path: readonly string[]) => join(import.meta.dirname, 'golden', ...path);

const ANYWHERE = { root: '/', idp: '/', asRoot: false, temporary: '/' };
const rendered = new Map<string, string>();
const of = (name: string): readonly Manifest[] => manifestsOf(rendered.get(name) ?? '');
const one = (name: string, kind: string, called = 'palestra'): Manifest => {
  const found = of(name).filter((m) => m.kind === kind && m.metadata.name === called);
  if (found[0] === undefined) throw new Error(`${name} has no ${kind} ${called}`);
  return found[0];
};
const dataOf = (manifest: Manifest) => z.record(z.string(), z.string()).parse(manifest['data']);

describe.skipIf(helm === null)(`the chart${why}`, () => {
  beforeAll(async () => {
    for (const name of CASES) rendered.set(name, await chart.template(`cases/${name}.yaml`));
  });

  it.each(FILES)('%s: lints without a warning', async (file) => {
    expect(await chart.lint(file)).toContain('0 chart(s) failed');
  });

  // read a change of these as a reviewer reads a diff; `vitest -u` writes them
  it.each(CASES)('%s: renders as it did', async (name) => {
    const parts = byFolder(rendered.get(name) ?? '');
    for (const [folder, text] of parts)
      await expect(text).toMatchFileSnapshot(golden(name, `${folder}.yaml`));
    expect([...parts.keys()].sort()).toEqual(['access', 'sandboxes', 'server', ...extra(name)].sort());
  });

  it('T51 has every rule of every role on one page', async () => {
    await expect(accessOf(of('everything'))).toMatchFileSnapshot(golden('access.txt'));
  });

  it.each(CASES)('%s: settings are ones that the server takes', (name) => {
    const text = dataOf(one(name, 'ConfigMap'))['palestra.yaml'] ?? '';
    expect(parseSettings(text, 'palestra.yaml')).toMatchObject({
      port: 4747,
      warm: { base: expect.any(Number) as number },
    });
  });

  it('an event keeps as many ready as it has seats, and not fewer of others', () => {
    const text = dataOf(one('everything', 'ConfigMap'))['palestra.yaml'] ?? '';
    expect(parseSettings(text, 'palestra.yaml').warm).toEqual({ base: 4, dask: 28 });
  });

  it('keys made for development are what the server reads: two of Ed25519 and 32 bytes', () => {
    const secret = dataOf(one('minimal', 'Secret', 'palestra-keys'));
    const text = (key: string) => Buffer.from(secret[key] ?? '', 'base64').toString();
    const keys = ['current', 'next'].map((half) => createPrivateKey(text(`ticket-${half}.pem`)));
    expect(keys.map((key) => key.asymmetricKeyType)).toEqual(['ed25519', 'ed25519']);
    expect(text('ticket-current.pem')).not.toBe(text('ticket-next.pem'));
    expect(Buffer.from(text('session'), 'base64')).toHaveLength(32);
  });

  it("another's data lake is given as the server's command for it reads it", () => {
    const text = dataOf(one('everything', 'ConfigMap', 'palestra-data-lake'))['address.json'] ?? '';
    expect(ServiceAddress.parse(JSON.parse(text))).toMatchObject({
      ca: '/etc/palestra-data-lake/ca.pem',
      endpoints: [{ name: 'rucio', host: 'rucio.example.org', port: 31447 }],
    });
  });

  it('has the data lake beside it where that is asked for: one address, one authority, one key for both', async () => {
    const lake = manifestsOf(await chart.template('cases/lake.yaml'));
    const called = (kind: string, name: string): Manifest => {
      const found = lake.find((m) => m.kind === kind && m.metadata.name === name);
      return found ?? expect.fail(`no ${kind} ${name}`);
    };
    const own = addressOf(lakePlace({ ...ANYWHERE, port: 32_440 }), true);
    const text = dataOf(called('ConfigMap', 'palestra-data-lake'))['address.json'] ?? '';
    const { endpoints, ...address } = ServiceAddress.parse(JSON.parse(text));
    expect({ ...address, endpoints: [] }).toEqual({
      ...own,
      endpoints: [],
      ca: '/etc/palestra-data-lake/ca.pem',
      steward: null,
    });
    const names = (all: ServiceAddress['endpoints']) => all.map(({ host, port }) => `${host}:${port}`).sort();
    expect(names(endpoints)).toEqual(names(own.endpoints));
    const settings = dataOf(called('ConfigMap', 'palestra'))['palestra.yaml'] ?? '';
    const service = parseSettings(settings, 'palestra.yaml').services?.['data-lake'];
    expect(service).toMatchObject({
      command: ['node', 'existing.ts', '/etc/palestra-data-lake/address.json'],
    });
    const server = JSON.stringify(called('Deployment', 'palestra'));
    expect(server.match(/"secretName":"palestra-data-lake"/g)).toHaveLength(1);
    expect(server).toContain('"mountPath":"/var/lib/palestra/idp/keys.json","subPath":"signing.pem"');
    expect(called('Secret', 'palestra-data-lake')).toBeDefined();
    const labels = called('Deployment', 'palestra')['spec'] as { selector: { matchLabels: object } };
    expect(JSON.stringify(called('NetworkPolicy', 'palestra-data-lake'))).toContain(
      JSON.stringify(labels.selector),
    );
  });

  it('the dashboard asks only for what the server counts', () => {
    const text = dataOf(one('everything', 'ConfigMap', 'palestra-dashboard'))['palestra.json'] ?? '';
    const asked = z
      .object({ panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })) })) })
      .parse(JSON.parse(text));
    const rules = JSON.stringify(one('everything', 'PrometheusRule'));
    const names = [...asked.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr)), rules].flatMap(
      (expr) => [...expr.matchAll(/\b(?:palestra|process)_[a-z_]+(?=\{)/g)],
    );
    expect([...new Set(names.map(([found]) => found))].sort()).toEqual(COUNTED);
  });
});

/** sandbox-server/edge: create-edge.ts and metrics.ts */
const COUNTED = [
  'palestra_driver_up',
  'palestra_event_streams',
  'palestra_previews',
  'palestra_requests_total',
  'palestra_sandboxes',
  'palestra_terminals',
  'process_resident_memory_bytes',
  'process_uptime_seconds',
];
const extra = (name: string): string[] =>
  name === 'minimal' ? [] : name === 'usual' ? ['reaching'] : ['dask', 'reaching', 'watching'];
