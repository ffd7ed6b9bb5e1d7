import { describe, expect, it } from 'vitest';
import { ClusterNeed, LESSON_ROLES, NamespaceSettings } from '../contract/namespace.ts';
import { grantsOf } from '../identity/groups.ts';
import { accessFor, accessTogether } from './access.ts';
import { RULES } from './policies/lesson-roles.ts';

const ports = [{ port: 443, protocol: 'TCP' as const }];
const settings = NamespaceSettings.parse({
  openings: { registry: [{ namespace: 'registry', ports }], internet: [{ cidr: '0.0.0.0/0', ports }] },
});
const grants = grantsOf([{ roles: [], labs: 1, sites: ['recas'] }]);
const need = (what: object) => ClusterNeed.parse(what);

describe('what a learner gets for a lesson', () => {
  it('is its roles, the size, what it opens by the operator’s names, and their sites', () => {
    const access = accessFor(need({ roles: ['dask'], opens: ['registry', 'internet'] }), grants, settings);
    expect(access).toEqual({
      roles: ['dask'],
      size: settings.sizes['small'],
      opens: [
        { namespace: 'registry', labels: {}, ports },
        { cidr: '0.0.0.0/0', ports },
      ],
      sites: ['recas'],
    });
  });
  it.each(['cluster-admin', 'look'])('a lesson cannot ask for the role %s', (role) => {
    expect(() => need({ roles: [role] })).toThrow(/dask/);
  });
  it('for several at once is all that each needs, and the largest size that one of them names', () => {
    const medium = grantsOf([{ roles: [], labs: 1, sizes: ['medium'] }]);
    const needs = [need({ roles: ['dask'], size: 'medium' }), need({ roles: ['jobs'], opens: ['registry'] })];
    expect(accessTogether(needs, medium, settings)).toEqual({
      roles: ['dask', 'jobs'],
      size: settings.sizes['medium'],
      opens: [{ namespace: 'registry', labels: {}, ports }],
      sites: [],
    });
  });
  it('is refused where the installation has no such opening or size, in a sentence', () => {
    expect(() => accessFor(need({ opens: ['lan'] }), grants, settings)).toThrow('namespaces.openings.lan');
    expect(() => accessFor(need({ size: 'large' }), grants, settings)).toThrow('your groups grant small');
  });
  it('can name every role that the chart brings but look, which is everybody’s', () => {
    expect([...LESSON_ROLES, 'look'].sort()).toEqual(Object.keys(RULES).sort());
  });
});
