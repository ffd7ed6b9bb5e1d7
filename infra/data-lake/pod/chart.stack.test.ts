import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chartWith, findHelm, NO_HELM, manifestsOf, type Manifest } from '../../chart/testing/helm.ts';
import { BASE_PORT, endpointsOf, lakePlace } from '../place.ts';
import { PARTS } from './parts.ts';

const CASES = ['usual', 'everything'] as const;
const helm = findHelm();
const why = helm === null ? ` (skipped: ${NO_HELM})` : '';
const chart = chartWith(helm ?? 'helm', join(import.meta.dirname, '../chart'));
const place = lakePlace({ root: '/', port: BASE_PORT, idp: '/', asRoot: false, temporary: '/' });

const Container = z.looseObject({
  name: z.string(),
  args: z.array(z.string()),
  startupProbe: z.looseObject({ httpGet: z.looseObject({ port: z.number() }) }).optional(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
  securityContext: z.unknown(),
});
const Pod = z.looseObject({ initContainers: z.array(Container), containers: z.array(Container) });
const Set = z.looseObject({ spec: z.looseObject({ template: z.looseObject({ spec: Pod }) }) });

const rendered = new Map<string, string>();
const one = (name: string, kind: string): Manifest => {
  const found = manifestsOf(rendered.get(name) ?? '').find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`${name} has no ${kind}`);
  return found;
};
const pod = () => Set.parse(one('usual', 'StatefulSet')).spec.template.spec;
const containers = () => [...pod().initContainers, ...pod().containers];
const secret = () =>
  Object.fromEntries(
    Object.entries(z.record(z.string(), z.string()).parse(one('usual', 'Secret')['data'])).map(
      ([name, text]) => [name, Buffer.from(text, 'base64').toString()],
    ),
  );

describe.skipIf(helm === null)(`the chart of the data lake${why}`, () => {
  beforeAll(async () => {
    for (const name of CASES) rendered.set(name, await chart.template(`../pod/cases/${name}.yaml`));
  });

  it.each(CASES)('%s: lints without a warning', async (name) => {
    expect(await chart.lint(`../pod/cases/${name}.yaml`)).toContain('0 chart(s) failed');
  });

  // read a change of these as a reviewer reads a diff; `vitest -u` writes them
  it.each(CASES)('%s: renders as it did', async (name) => {
    const text = (rendered.get(name) ?? '')
      .replaceAll(/^( +(?:ca\.pem|ca\.key|signing\.pem|clients\.json|steward)): .+$/gm, '$1: (random)')
      .replace(/(palestra\.dev\/secret:) .+/, '$1 (of the above)');
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'golden', `${name}.yaml`));
  });

  it('refuses a value that it does not know', async () => {
    await expect(chart.template({ storage: { sise: '1Gi' } })).rejects.toThrow('sise');
  });

  it('has a container for each part, in the order of their starts, asked how it is where the part answers', () => {
    const [prepare, ...parts] = containers();
    expect(prepare?.args[0]).toBe('prepare');
    expect(parts.map(({ args }) => args)).toEqual(PARTS.map((name) => ['run', name]));
    expect(parts.map((part) => part.startupProbe?.httpGet.port)).toEqual(
      PARTS.map((_, at) => BASE_PORT + 40 + at),
    );
  });

  it('leads to every endpoint of a lake, and to its steward', () => {
    const Spec = z.looseObject({
      spec: z.looseObject({ ports: z.array(z.looseObject({ port: z.number() })) }),
    });
    const ports = Spec.parse(one('usual', 'Service')).spec.ports.map(({ port }) => port);
    expect(ports.toSorted()).toEqual(
      [...endpointsOf(place), { port: place.stewardPort }].map((e) => e.port).toSorted(),
    );
  });

  it('T40 locks every container, and shows the authority’s key to none that goes on running', () => {
    for (const { securityContext } of containers())
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    for (const { name, volumeMounts } of containers().slice(1)) {
      const whole = volumeMounts.filter(
        ({ name: volume, subPath }) => volume === 'data' && subPath === undefined,
      );
      expect([name, whole]).toEqual([name, []]);
      expect([name, volumeMounts.filter(({ mountPath }) => mountPath.endsWith('ca.key'))]).toEqual([
        name,
        [],
      ]);
    }
  });

  it('makes an authority that signs, a key of RSA, a secret for each client', () => {
    const {
      'ca.pem': ca = '',
      'ca.key': key = '',
      'signing.pem': signing = '',
      'clients.json': clients = '',
    } = secret();
    expect(new X509Certificate(ca).checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(createPrivateKey(signing).asymmetricKeyType).toBe('rsa');
    expect(Object.keys(z.record(z.string(), z.string()).parse(JSON.parse(clients)))).toEqual([
      'palestra',
      'rucio',
    ]);
  });
});
