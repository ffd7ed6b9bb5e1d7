/** `driver:` in the settings: what sandboxes are. One word, or more where a cluster needs telling. */
import { z } from 'zod';
import { Slug } from './names.ts';

const LocalDriver = z.strictObject({ kind: z.literal('local') });

const KubernetesDriver = z.strictObject({
  kind: z.literal('kubernetes'),
  /** a file; absent: $KUBECONFIG, ~/.kube/config, or the account of the pod that the server runs in */
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
  /** where sandboxes are pods; the chart makes it */
  namespace: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
    .default('palestra-sandboxes'),
  /** kit → image; what was built on this machine (infra/images) needs no naming */
  images: z.record(Slug, z.string().min(1)).default({}),
  pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent'),
  /** what a node keeps free for each sandbox; at most it has `limits` */
  requests: z
    .strictObject({
      /** bytes */
      memory: z
        .number()
        .int()
        .positive()
        .default(256 * 1024 ** 2),
      /** cores */
      cpu: z.number().positive().default(0.1),
    })
    .prefault({}),
  /** after so many hours the cluster itself ends a sandbox that nobody ended */
  hours: z.number().int().positive().default(168),
  runtimeClass: z.string().optional(),
  priorityClass: z.string().optional(),
  nodeSelector: z.record(z.string(), z.string()).optional(),
  /** root inside is nobody on the node; needs containerd 2 and runc 1.2 */
  userNamespaces: z.boolean().default(false),
});
export type KubernetesSettings = z.infer<typeof KubernetesDriver>;

const Kind = z.enum(['local', 'kubernetes']).transform((kind) => ({ kind }));
export const DriverSettings = z
  .union([Kind, z.looseObject({ kind: z.string() })])
  .pipe(z.discriminatedUnion('kind', [LocalDriver, KubernetesDriver]))
  .prefault('local');
