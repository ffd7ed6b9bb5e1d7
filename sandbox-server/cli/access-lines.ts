/** An explanation of somebody's access as lines for a person. Pure. */
import type { Explanation } from '../namespaces/explain.ts';

/** @param signedIn whether they were ever here: else their groups are what was asked */
export function linesOf(explanation: Explanation, signedIn: boolean): readonly string[] {
  const { user, roles, labs, sizes, grants } = explanation;
  return [
    `${user}${signedIn ? '' : '   (has not signed in here: as if a member of these groups)'}`,
    '',
    ...section('Groups', groupRows(explanation)),
    ...section('In all', [
      ['roles', words(roles)],
      ['labs at a time', String(labs)],
      ['kits', grants.kits === null ? 'every kit' : words(grants.kits)],
      ['tokens for', grants.tokens === null ? 'whatever lessons ask for' : words(grants.tokens)],
      ['sizes', words(sizes)],
      ['GPUs', String(grants.gpu)],
      ['offload sites', words(grants.sites)],
    ]),
    ...section('Lessons', lessonRows(explanation)),
    ...clusterLines(explanation),
  ];
}

function groupRows({ groups }: Explanation): Row[] {
  const rows = groups.map(({ group, grants, almost }): Row => {
    if (grants !== null) return [group === '*' ? '* (everybody)' : group, grantWords(grants)];
    const hint = almost === undefined ? '' : `; not the same as ${almost}`;
    return [group, `grants nothing here${hint}`];
  });
  return rows.length === 0 ? [['(none)', 'and * grants nothing to everybody']] : rows;
}

type Grant = NonNullable<Explanation['groups'][number]['grants']>;
function grantWords({ roles, labs, kits, sizes, quota, gpu, tokens, sites }: Grant): string {
  const figures = Object.entries(quota ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return [
    words(roles),
    `${String(labs)} labs`,
    ...(kits === undefined ? [] : [`kits ${words(kits)}`]),
    ...(sizes === undefined ? [] : [`sizes ${words(sizes)}`]),
    ...(figures.length === 0 ? [] : [`up to ${figures.join(', ')}`]),
    ...(gpu === undefined ? [] : [`${String(gpu)} GPUs`]),
    ...(tokens === undefined ? [] : [`tokens for ${words(tokens)}`]),
    ...(sites === undefined ? [] : [`sites ${words(sites)}`]),
  ].join('; ');
}

function lessonRows({ lessons }: Explanation): Row[] {
  return lessons.map(({ lesson, kit, may, why, cluster, groups }): Row => {
    if (!may)
      return [lesson, `no: ${why ?? ''}${groups.length === 0 ? '' : ` (groups: ${groups.join(', ')})`}`];
    return [
      lesson,
      `yes: kit ${kit}${cluster === null ? '' : `, on the cluster with ${words(cluster.roles)}`}`,
    ];
  });
}

function clusterLines({ namespace, objects }: Explanation): readonly string[] {
  if (objects.length === 0) return ['The cluster', '  none of these lessons uses it'];
  return [
    ...section(
      `The cluster: namespace ${namespace} (--yaml shows the objects in full)`,
      objects.map(({ kind, metadata }): Row => [`${kind} ${metadata.name}`, aboutOf(kind, metadata.name)]),
    ),
  ];
}

const ABOUT: Readonly<Record<string, string>> = {
  Namespace: 'theirs alone; restricted pods only',
  ResourceQuota: 'all pods together',
  LimitRange: 'what a container gets that says nothing',
  Secret: 'empty; tokens of the lab end with it',
  'ServiceAccount learner': 'who they are in there',
  'ServiceAccount default': 'no token in pods',
  'NetworkPolicy default-deny': 'nothing in, nothing out',
  'NetworkPolicy dns': 'but names',
  'NetworkPolicy within': 'but their own pods among each other',
};
function aboutOf(kind: string, name: string): string {
  const about = ABOUT[`${kind} ${name}`] ?? ABOUT[kind];
  if (about !== undefined) return about;
  if (kind === 'RoleBinding')
    return name === 'palestra-server' ? 'what the server may in there' : 'what they may';
  if (name.endsWith('-cluster')) return 'from their sandbox to the cluster';
  return name.endsWith('-sandbox') ? 'from their own sandbox' : 'what lessons open';
}

type Row = readonly [string, string];
function section(title: string, rows: readonly Row[]): readonly string[] {
  const width = Math.min(60, Math.max(...rows.map(([name]) => name.length)));
  return [title, ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`.trimEnd()), ''];
}
function words(list: readonly string[]): string {
  return list.length === 0 ? 'none' : list.join(', ');
}
