/** An image's bill of materials, CycloneDX 1.6 as JSON; pure. The same image gives the same bytes: no date, no serial number. */
import { packageName } from '../../sandbox-server/sandboxes/local/kits/versions.ts';
import type { Inventory } from './inventory.ts';

export interface BillOf {
  readonly name: string;
  readonly version: string;
  readonly inventory: Inventory;
  /** packages of npm that the image holds or that its programs were bundled from */
  readonly npm: readonly { readonly name: string; readonly version: string }[];
}

interface Component {
  readonly type: 'library' | 'application' | 'operating-system' | 'container';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

/** @returns the document's text, with a line break at its end */
export function billOfMaterials({ name, version, inventory, npm }: BillOf): string {
  const subject: Component = { type: 'container', 'bom-ref': `image:${name}`, name, version };
  const components = [
    operatingSystem(inventory),
    nodeItself(inventory.node),
    ...inventory.debian.map((one) => debianPackage(one, inventory.system)),
    ...pythonPackages(inventory.python),
    ...npm.map(npmPackage),
  ];
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: subject },
    components: [...new Map(components.map((one) => [one['bom-ref'], one])).values()],
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function operatingSystem({ system }: Inventory): Component {
  const { id, version } = system;
  return { type: 'operating-system', 'bom-ref': `os:${id}`, name: id, version: version || 'unknown' };
}

function nodeItself(version: string): Component {
  const plain = version.replace(/^v/, '');
  return withPurl('application', 'node', plain, `pkg:generic/node@${plain}`);
}

function debianPackage(
  { name, version, arch }: Inventory['debian'][number],
  { id, version: release }: Inventory['system'],
): Component {
  const purl = `pkg:deb/${id}/${encoded(name)}@${encoded(version)}?arch=${arch}&distro=${id}-${release}`;
  return withPurl('library', name, version, purl);
}

/** One component for a version, and the environments that have it. */
function pythonPackages(all: Inventory['python']): readonly Component[] {
  const byPurl = Map.groupBy(
    all,
    ({ name, version }) => `pkg:pypi/${encoded(packageName(name))}@${encoded(version)}`,
  );
  return [...byPurl].flatMap(([purl, [one, ...more]]) => {
    if (one === undefined) return [];
    const folders = [one, ...more].map(({ folder }) => ({ name: 'palestra:environment', value: folder }));
    return [{ ...withPurl('library', one.name, one.version, purl), properties: folders }];
  });
}

function npmPackage({ name, version }: { name: string; version: string }): Component {
  const path = name.split('/').map(encoded).join('/');
  return withPurl('library', name, version, `pkg:npm/${path}@${encoded(version)}`);
}

function withPurl(type: Component['type'], name: string, version: string, purl: string): Component {
  return { type, 'bom-ref': purl, name, version, purl };
}

/** As package URLs ask for: `+`, `@` and `~`-less percent-encoding; colons stay. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}
