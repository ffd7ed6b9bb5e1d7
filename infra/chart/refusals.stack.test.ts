import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartWith, findHelm, manifestsOf } from './testing/helm.ts';

const helm = findHelm();
const chart = chartWith(helm ?? 'helm');
type Values = Record<string, unknown>;
const usual = parse(readFileSync(join(import.meta.dirname, 'cases/usual.yaml'), 'utf8')) as Values;
const minimal = parse(readFileSync(join(import.meta.dirname, 'cases/minimal.yaml'), 'utf8')) as Values;
const rendering = (values: Values, namespace?: string) => chart.template(values, namespace);

/** [what is wrong, the values, what the sentence must say] */
const WRONG: readonly (readonly [string, Values, RegExp])[] = [
  ['nothing said', {}, /url is missing/],
  ['no url', { ...usual, url: '' }, /url is missing/],
  ['http on a network', { ...usual, url: 'http://palestra.example.org' }, /must begin with https:\/\//],
  ['a url with a path', { ...usual, url: 'https://example.org/palestra' }, /url/],
  ['a url that would end the line', { ...usual, url: 'https://x"\nevil: true' }, /url/],
  ['no keys', { ...usual, secrets: {} }, /secrets\.existing/],
  ['keys twice', { ...usual, secrets: { existing: 'x', generate: true } }, /exclude each other/],
  ['SQLite under two replicas', { ...usual, database: { sqlite: true } }, /set server\.replicas to 1/],
  ['nowhere for homes that both replicas see', { ...usual, homes: {} }, /homes is missing/],
  [
    'a folder for homes that is not shared',
    { ...usual, homes: { folder: { path: '/srv' } } },
    /homes is missing/,
  ],
  [
    'volumes for homes where none may be',
    { ...usual, homes: { volume: { storageClass: 'fast' } } },
    /sandboxes\.quota allows none/,
  ],
  ['T69 the development provider on a network', { ...usual, oidc: {} }, /lets anybody in/],
  [
    'a loopback behind an ingress',
    { ...usual, server: { host: '127.0.0.1', replicas: 1 } },
    /port-forward alone/,
  ],
  [
    'two development providers',
    {
      ...minimal,
      database: {},
      server: { host: '127.0.0.1', replicas: 2, env: [{ name: 'PALESTRA_DATABASE_URL', value: 'x' }] },
    },
    /is for one replica/,
  ],
  [
    'a Dask operator without namespaces to work in',
    { ...usual, dask: { operator: { enabled: true } } },
    /learnerNamespaces\.enabled: true/,
  ],
  [
    'a Dask operator without an image',
    { ...usual, learnerNamespaces: { enabled: true }, dask: { operator: { enabled: true } } },
    /dask\.operator\.image is missing/,
  ],
  ["the cluster's own namespace", { ...usual, sandboxes: { namespace: 'kube-system' } }, /cluster's own/],
  ['a setting that is a value', { ...usual, config: { driver: { kind: 'local' } } }, /config\.driver/],
  [
    'a label that selectors look for',
    { ...usual, server: { podLabels: { 'app.kubernetes.io/name': 'evil' } } },
    /take another label/,
  ],
  [
    "the chart's own environment",
    { ...usual, server: { env: [{ name: 'NODE_OPTIONS', value: '--require /x' }] } },
    /NODE_OPTIONS is the chart's own/,
  ],
  ['an ingress without a certificate', { ...usual, ingress: { enabled: true } }, /tlsSecret is missing/],
  ['a route without a gateway', { ...usual, gateway: { enabled: true } }, /parentRefs is missing/],
  [
    'T39 a privileged server',
    { ...usual, server: { securityContext: { privileged: true } } },
    /securityContext/,
  ],
  ['T39 a folder of the node', { ...usual, server: { hostPath: '/' } }, /hostPath/],
  [
    'T47 a kit from a registry that is not approved',
    {
      ...usual,
      sandboxes: {
        images: { base: 'evil.example.org/x/base:1' },
        registries: ['registry.example.org/palestra/'],
      },
    },
    /sandboxes\.images\.base: evil/,
  ],
  [
    'T47 an image that would end the rule',
    { ...usual, sandboxes: { registries: ["x/') || true || c.image.startsWith('"] } },
    /registries/,
  ],
  [
    'two data lakes',
    {
      ...minimal,
      dataLake: {
        enabled: true,
        endpoints: [{ host: 'r.example.org', port: 31447, to: { host: 'r', port: 443 } }],
      },
    },
    /dataLake\.enabled and dataLake\.endpoints/,
  ],
  [
    "a lake whose tokens are not the portal's",
    { ...usual, dataLake: { enabled: true } },
    /development sign-in/,
  ],
  [
    'a misspelt value of the lake',
    { ...minimal, dataLake: { enabled: true }, 'data-lake': { prot: 1 } },
    /prot/,
  ],
  ['a misspelt value', { ...usual, replicas: 3 }, /replicas/],
  ['no replica', { ...usual, server: { replicas: 0 } }, /replicas/],
  ['a quantity in words', { ...usual, sandboxes: { limits: { memory: '3 gigabytes' } } }, /memory/],
  ['an image policy in lower case', { ...usual, image: { pullPolicy: 'never' } }, /pullPolicy/],
  ['a kit with a path', { ...usual, warm: { '../base': 1 } }, /invalid propertyName '..\/base'/],
];

describe.skipIf(helm === null)('values that do not fit', () => {
  it.each(WRONG)('%s: refused in a sentence', async (_, values, sentence) => {
    await expect(rendering(values)).rejects.toThrow(sentence);
  });
  it("the sandboxes' namespace is never the server's", async () => {
    await expect(rendering(usual, 'palestra-sandboxes')).rejects.toThrow(/must not be palestra-sandboxes/);
  });
  it('and those they were made from do fit', async () => {
    for (const values of [usual, minimal])
      expect(manifestsOf(await rendering(values)).length).toBeGreaterThan(10);
  });
  it('a value of an operator stays a value: no template, no YAML of its own', async () => {
    const words = '{{ .Release.Name }}"\nkind: Pod';
    const made = manifestsOf(await rendering({ ...usual, server: { podAnnotations: { note: words } } }));
    const server = made.find(({ kind }) => kind === 'Deployment');
    expect(JSON.stringify(server)).toContain(JSON.stringify(words));
    expect(made.filter(({ kind }) => kind === 'Pod')).toEqual([]);
  });
});
