/**
 * The template of everything that learners' own namespaces need of the cluster, made from the server's own list
 * (sandbox-server/namespaces/policies), so that what the server does and what it may do are one source.
 * `node infra/chart/learners.ts` writes templates/access/learners.yaml.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, type PodBounds } from '../../sandbox-server/namespaces/policies/index.ts';
import { yamlOf } from '../../sandbox-server/namespaces/yaml.ts';

export const TEMPLATE = join(import.meta.dirname, 'templates/access/learners.yaml');
const bounded = (value: string): string => `.Values.learnerNamespaces.${value}`;

/** What the list is made with, and what Helm puts in its place; the longer first. */
const PLACES: readonly (readonly [string, string])[] = [
  ["c.image.startsWith('@images@')", '{{ include "palestra.imagesAllowed" . }}'],
  ['@images@', `{{ join ", " ${bounded('images')} | default "any" }}`],
  ...(['runtimeClasses', 'priorityClasses'] as const).flatMap((classes): (readonly [string, string])[] => [
    [`, '@${classes}@'`, `{{ range ${bounded(classes)} }}, '{{ . }}'{{ end }}`],
    [
      `only @${classes}@`,
      `{{ with ${bounded(classes)} }}only {{ join ", " . }}{{ else }}leave this out{{ end }}`,
    ],
  ]),
  ['@prefix@', `{{ ${bounded('prefix')} }}`],
  ['@sandboxes@', '{{ .Values.sandboxes.namespace }}'],
  ['@namespace@', '{{ .Release.Namespace }}'],
  ['@account@', '{{ include "palestra.name" . }}'],
];
const WHERE = {
  prefix: '@prefix@',
  sandboxes: '@sandboxes@',
  server: { namespace: '@namespace@', account: '@account@' },
} as const;
const BOUNDS: PodBounds = {
  images: ['@images@'],
  runtimeClasses: ['@runtimeClasses@'],
  priorityClasses: ['@priorityClasses@'],
};

/** Throws where a place was left that Helm would not fill, or where the list has braces of its own. */
export function learnersTemplate(): string {
  const made = yamlOf(installed(WHERE, BOUNDS));
  if (made.includes('{{')) throw new Error('the list has braces that Helm would read');
  const filled = PLACES.reduce((text, [place, words]) => text.replaceAll(place, words), made);
  const left = /@[a-zA-Z]+@/.exec(filled);
  if (left !== null) throw new Error(`nothing fills ${left[0]}`);
  return [
    '{{- if .Values.learnerNamespaces.enabled }}',
    '# made by node infra/chart/learners.ts from sandbox-server/namespaces/policies',
    `${filled}{{- end }}\n`,
  ].join('\n');
}

if (import.meta.main) writeFileSync(TEMPLATE, learnersTemplate());
