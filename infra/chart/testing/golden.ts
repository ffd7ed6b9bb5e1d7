/** What Helm made, as a reviewer reads it: a file for each folder of templates, without what is random. */
import type { Manifest } from './helm.ts';

const FOLDER = /^# Source: palestra\/templates\/([^/]+)\//m;

/** folder of templates → its manifests, in Helm's order */
export function byFolder(rendered: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (const part of rendered.split(/^---\n/m).filter((text) => text.trim() !== '')) {
    const folder = FOLDER.exec(part)?.[1];
    if (folder === undefined) throw new Error(`from no template of ours:\n${part}`);
    parts.set(folder, `${parts.get(folder) ?? ''}---\n${masked(part)}`);
  }
  return parts;
}

/** Keys are made anew for each rendering without a cluster; a dashboard has a test of its own. */
function masked(part: string): string {
  return part
    .replaceAll(/^( +(?:session|ticket-current\.pem|ticket-next\.pem)): .+$/gm, '$1: (random)')
    .replace(/^( +palestra\.json: \|\n)[^]*$/m, '$1    (files/dashboard.json)\n');
}

/** One line a rule of every role: what a reviewer reads instead of ten manifests. */
export function accessOf(manifests: readonly Manifest[]): string {
  const lines = manifests
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .flatMap((role) => rulesOf(role).map((rule) => `${place(role)}  ${rule}`));
  return `${lines.sort().join('\n')}\n`;
}

const place = ({ kind, metadata }: Manifest): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;

function rulesOf(role: Manifest): string[] {
  const rules = Array.isArray(role['rules']) ? (role['rules'] as Record<string, string[]>[]) : [];
  return rules.map((rule) => {
    const groups = (rule['apiGroups'] ?? []).map((group) => (group === '' ? 'core' : group)).join(',');
    const names = rule['resourceNames'] === undefined ? '' : ` [${rule['resourceNames'].join(', ')}]`;
    return `${groups}: ${(rule['resources'] ?? rule['nonResourceURLs'] ?? []).join(', ')}${names}: ${(rule['verbs'] ?? []).join(' ')}`;
  });
}
