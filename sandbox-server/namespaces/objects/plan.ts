/** Everything that is made for a learner, in the order in which it is made. Pure: what `access explain` shows. */
import type { NamespaceSettings, Size } from '../../contract/namespace.ts';
import type { Access } from '../access.ts';
import type { Learner } from '../face.ts';
import {
  accounts,
  daskOperatorBinding,
  labSecret,
  lessonBinding,
  lookBinding,
  ownerOf,
  serverBinding,
} from './account.ts';
import type { KubernetesObject, Owner } from './kubernetes.ts';
import { labName } from './names.ts';
import { limitsObject, namespaceObject, quotaObject, type NamespaceNotes } from './namespace.ts';
import {
  daskOperatorPolicy,
  declaredPolicy,
  ownPolicies,
  sandboxEgress,
  sandboxPolicy,
  type ApiEndpoint,
} from './network.ts';

type Settings = Pick<NamespaceSettings, 'dns' | 'server' | 'sandboxes' | 'daskOperator'>;

/** What bounds a namespace: closed before anything could run in it. */
export function boundsOf(
  name: string,
  size: Size,
  settings: Pick<Settings, 'dns'>,
): readonly KubernetesObject[] {
  return [
    ...ownPolicies(name, settings.dns),
    quotaObject(name, size),
    limitsObject(name, size),
    ...accounts(name),
    lookBinding(name),
  ];
}

/** What comes with a lab and goes with it; the last stands in the sandboxes' namespace. */
export function labObjects(
  name: string,
  lab: string,
  access: Pick<Access, 'roles' | 'opens'>,
  owner: Owner,
  api: readonly ApiEndpoint[],
  settings: Omit<Settings, 'dns'>,
): readonly KubernetesObject[] {
  const { server, daskOperator } = settings;
  const declared = declaredPolicy(name, lab, access.opens, owner);
  return [
    ...access.roles.map((role) => lessonBinding(name, lab, role, owner)),
    sandboxPolicy(name, lab, settings.sandboxes, owner),
    ...(declared === null ? [] : [declared]),
    ...(daskOperator && access.roles.includes('dask')
      ? [
          daskOperatorBinding(name, lab, server, owner),
          daskOperatorPolicy(name, lab, server.namespace, owner),
        ]
      : []),
    sandboxEgress(settings.sandboxes, name, lab, api),
  ];
}

/** All of it for one learner and lab, as it would be made. */
export function wholePlan(
  name: string,
  learner: Learner,
  lab: string,
  access: Access,
  notes: Omit<NamespaceNotes, 'sites'>,
  api: readonly ApiEndpoint[],
  settings: Settings,
): readonly KubernetesObject[] {
  const owner = ownerOf({ name: labName(lab), uid: 'as-the-API-server-says' });
  return [
    namespaceObject(name, learner, { ...notes, sites: access.sites }),
    serverBinding(name, settings.server),
    ...boundsOf(name, access.size, settings),
    labSecret(name, lab, access.size),
    ...labObjects(name, lab, access, owner, api, settings),
  ];
}
