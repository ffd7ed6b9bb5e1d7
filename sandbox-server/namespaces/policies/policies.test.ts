import { describe, expect, it } from 'vitest';
import { NamespaceSettings } from '../../contract/namespace.ts';
import { yamlOf } from '../yaml.ts';
import { installed, NO_BOUNDS } from './index.ts';
import { RULES } from './lesson-roles.ts';
import { list, text } from './policy.ts';

const settings = NamespaceSettings.parse({});

describe('what an installation brings', () => {
  it('is this, to the letter: the chart ships it', async () => {
    const bounds = { images: ['localhost/palestra/'], runtimeClasses: ['nvidia'], priorityClasses: [] };
    await expect(yamlOf(installed(settings, bounds))).toMatchFileSnapshot('golden/installed.yaml');
  });
  it('names each policy once, and binds each', () => {
    const objects = installed(settings, NO_BOUNDS);
    const names = (kind: string) => objects.filter((o) => o.kind === kind).map((o) => o.metadata.name);
    const policies = names('ValidatingAdmissionPolicy');
    expect(new Set(policies).size).toBe(policies.length);
    expect(names('ValidatingAdmissionPolicyBinding')).toEqual(policies);
  });
});

describe('roles of lessons', () => {
  const rules = Object.values(RULES).flat();
  const may = (resource: string): string[] =>
    rules.filter((rule) => rule.resources?.includes(resource) ?? false).flatMap((rule) => rule.verbs);

  it('findings 5 and 11: none writes policies, bindings, quotas or namespaces, reads Secrets or makes tokens', () => {
    for (const resource of [
      'networkpolicies',
      'rolebindings',
      'resourcequotas',
      'limitranges',
      'serviceaccounts',
    ])
      expect(may(resource).filter((verb) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
    for (const resource of [
      'secrets',
      'serviceaccounts/token',
      'namespaces',
      'roles',
      'nodes',
      'pods/binding',
    ])
      expect(may(resource)).toEqual([]);
  });
  it('finding 17: none changes a pod after it was judged', () => {
    expect(may('pods').filter((verb) => ['patch', 'update'].includes(verb))).toEqual([]);
    expect(may('pods/ephemeralcontainers')).toEqual([]);
  });
  it('hold no wildcard', () => {
    const words = rules.flatMap((rule) => [
      ...rule.verbs,
      ...(rule.resources ?? []),
      ...(rule.apiGroups ?? []),
    ]);
    expect(words.filter((word) => word.includes('*'))).toEqual([]);
  });
});

it('words are quoted for CEL', () => {
  expect(text("it's")).toBe(String.raw`'it\'s'`);
  expect(text('a"b\\')).toBe(String.raw`'a"b\\'`);
  expect(list(['a', 'b'])).toBe("['a', 'b']");
});
