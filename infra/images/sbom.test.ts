import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { billOfMaterials } from './sbom.ts';

const INVENTORY = {
  system: { id: 'debian', version: '12' },
  debian: [
    { name: 'libstdc++6', version: '12.2.0-14+deb12u1', arch: 'amd64' },
    { name: 'git', version: '1:2.39.5-0+deb12u2', arch: 'amd64' },
  ],
  python: [
    { name: 'Jinja2', version: '3.1.6', folder: '.' },
    { name: 'jinja2', version: '3.1.6', folder: 'old' },
    { name: 'zope.interface', version: '1.0+local', folder: '.' },
  ],
  node: 'v24.21.0',
};
const npm = [
  { name: '@lydell/node-pty-linux-x64', version: '1.1.0' },
  { name: 'node-pty', version: '1.1.0' },
];
const bill = () =>
  billOfMaterials({ name: 'localhost/palestra/x', version: 'abc', inventory: INVENTORY, npm });
/** what the published schema asks of the parts that are used here */
const Component = z.strictObject({
  type: z.enum(['library', 'application', 'operating-system']),
  'bom-ref': z.string().min(1),
  name: z.string().min(1),
  version: z.string().min(1),
  purl: z
    .string()
    .regex(/^pkg:[a-z]+\//)
    .optional(),
  properties: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
});
const Document = z.strictObject({
  $schema: z.literal('http://cyclonedx.org/schema/bom-1.6.schema.json'),
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  version: z.literal(1),
  metadata: z.strictObject({
    component: z.strictObject({ ...Component.shape, type: z.literal('container') }),
  }),
  components: z.array(Component),
});

describe('a bill of materials', () => {
  it('names every package by its package URL, versions escaped', () => {
    const { components } = Document.parse(JSON.parse(bill()));
    expect(components.map(({ purl }) => purl)).toEqual([
      undefined,
      'pkg:generic/node@24.21.0',
      'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12',
      'pkg:deb/debian/git@1:2.39.5-0%2Bdeb12u2?arch=amd64&distro=debian-12',
      'pkg:pypi/jinja2@3.1.6',
      'pkg:pypi/zope-interface@1.0%2Blocal',
      'pkg:npm/%40lydell/node-pty-linux-x64@1.1.0',
      'pkg:npm/node-pty@1.1.0',
    ]);
  });

  it('has each component once, with every environment that holds it', () => {
    const { components } = Document.parse(JSON.parse(bill()));
    expect(new Set(components.map((one) => one['bom-ref'])).size).toBe(components.length);
    expect(components.find(({ name }) => name === 'Jinja2')?.properties).toEqual([
      { name: 'palestra:environment', value: '.' },
      { name: 'palestra:environment', value: 'old' },
    ]);
  });

  it('is the same bytes for the same image', () => expect(bill()).toBe(bill()));
});
