/**
 * What a learner has of a cluster: a namespace of their own, its size, and what opens towards it. Settings of the
 * operator (`palestra.yaml`), grants of groups, and what a lesson asks for. Quantities are written as Kubernetes does.
 */
import { z } from 'zod';
import { Slug } from './names.ts';

/** `2`, `500m`, `8Gi`: a number and Kubernetes' suffix */
const Quantity = z
  .union([z.string(), z.number().nonnegative().transform(String)])
  .pipe(
    z.string().regex(/^\d+(?:\.\d+)?(?:m|k|[MGTP]i?|Ki)?$/, { message: 'a quantity such as 2, 500m or 8Gi' }),
  );

const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  ...Object.fromEntries(['k', 'M', 'G', 'T', 'P'].map((letter, i) => [letter, 1000 ** (i + 1)])),
  ...Object.fromEntries(['Ki', 'Mi', 'Gi', 'Ti', 'Pi'].map((letter, i) => [letter, 1024 ** (i + 1)])),
};
/** A quantity as a number of its unit (cores, bytes): for comparing, never for writing back. */
export function quantityOf(text: string): number {
  const [, digits = '', suffix = ''] = /^([\d.]+)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(digits) * (SUFFIXES[suffix] ?? Number.NaN);
}
/** @returns the one that is more, as it was written */
export function larger(a: string, b: string): string {
  return quantityOf(b) > quantityOf(a) ? b : a;
}

const Count = z.number().int().nonnegative();

/** The bounds of a whole namespace: its ResourceQuota. */
export const Size = z.strictObject({
  cpu: Quantity,
  memory: Quantity,
  pods: Count,
  /** what containers may write to their own disk */
  ephemeral: Quantity.default('10Gi'),
  /** PersistentVolumeClaims together */
  storage: Quantity.default('0'),
  gpu: Count.default(0),
});
export type Size = z.infer<typeof Size>;

/** Rights that a lesson may name: ClusterRoles `palestra-lesson-NAME` of the chart. Looking at one's own is everybody's. */
export const LESSON_ROLES = ['dask', 'jobs'] as const;

/** What a lesson asks of the cluster: `needs: { cluster: … }`. */
export const ClusterNeed = z.strictObject({
  /** rights in the namespace */
  roles: z.array(z.enum(LESSON_ROLES)).max(8).default([]),
  /** one of the operator's sizes; absent: the smallest that the learner has */
  size: Slug.optional(),
  /** destinations outside the namespace by the operator's name for them; DNS and the namespace itself are always open */
  opens: z.array(Slug).max(16).default([]),
});
export type ClusterNeed = z.infer<typeof ClusterNeed>;

const Ports = z
  .array(
    z.strictObject({
      port: z.number().int().min(1).max(65535),
      protocol: z.enum(['TCP', 'UDP']).default('TCP'),
    }),
  )
  .min(1)
  .max(32);
const Labels = z.record(z.string().max(317), z.string().max(63));
/** Pods of a namespace, by its name (labels of namespaces are no identity), or addresses. Metadata services stay closed. */
export const Destination = z.union([
  z.strictObject({ namespace: Slug, labels: Labels.default({}), ports: Ports }),
  z.strictObject({ cidr: z.union([z.cidrv4(), z.cidrv6()]), ports: Ports }),
]);
export type Destination = z.infer<typeof Destination>;

/** The longest life of a token in a sandbox, seconds: settings allow no more, and nor does the cluster. */
export const LONGEST_TOKEN_S = 7200;

/** Where the namespaces of learners are made, and how: `namespaces:` of `palestra.yaml`. */
export const NamespaceSettings = z.strictObject({
  /** false: the server may make none (the chart's learnerNamespaces.enabled), and lessons that need one cannot be started */
  enabled: z.boolean().default(true),
  /** first part of every learner's namespace; the server may write in no other */
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9-]{2,30}-$/)
    .default('palestra-u-'),
  /** where sandboxes are: the only namespace whose pods may reach a learner's */
  sandboxes: Slug.default('palestra-sandboxes'),
  /** the server's own account, for the RoleBinding it makes for itself */
  server: z
    .strictObject({ namespace: Slug, account: Slug })
    .default({ namespace: 'palestra', account: 'palestra-server' }),
  /** the chart runs a Dask operator (dask.operator.enabled): it is let into namespaces whose lessons name the role `dask` */
  daskOperator: z.boolean().default(false),
  /** sizes by name, small to large: which a learner may have is said by their groups */
  sizes: z.record(Slug, Size).default({
    small: { cpu: '2', memory: '4Gi', pods: 10, ephemeral: '10Gi', storage: '0', gpu: 0 },
    medium: { cpu: '4', memory: '12Gi', pods: 20, ephemeral: '20Gi', storage: '10Gi', gpu: 0 },
    large: { cpu: '16', memory: '64Gi', pods: 60, ephemeral: '50Gi', storage: '50Gi', gpu: 0 },
  }),
  /** life of a token in a sandbox; renewed at two thirds of it. The API server makes none below 600 s */
  tokenSeconds: z.number().int().min(600).max(LONGEST_TOKEN_S).default(3600),
  /** the cluster's DNS by the POD's ports: rules hold after a Service's address was translated */
  dns: z
    .strictObject({
      namespace: Slug,
      labels: Labels,
      ports: z.array(z.number().int().min(1).max(65535)).min(1),
    })
    .default({ namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, ports: [53, 1053] }),
  /** what `opens` of lessons may name */
  openings: z.record(Slug, z.array(Destination).min(1)).default({}),
  /** how sandboxes reach the API server; absent: as this server does */
  apiServer: z
    .strictObject({ url: z.url({ protocol: /^https$/ }), caFile: z.string().min(1).optional() })
    .optional(),
});
export type NamespaceSettings = z.infer<typeof NamespaceSettings>;

const Raised = z.strictObject({
  cpu: Quantity.optional(),
  memory: Quantity.optional(),
  pods: Count.optional(),
  ephemeral: Quantity.optional(),
  storage: Quantity.optional(),
});
export type Raised = z.infer<typeof Raised>;

/** What a group grants besides roles and labs. Absent: kits and tokens unrestricted, no size beyond the smallest. */
export const ClusterGrant = {
  /** kits its members may use; absent: every kit */
  kits: z.array(Slug).optional(),
  /** names of `namespaces.sizes` that its members may have */
  sizes: z.array(Slug).optional(),
  /** more than the size's own figures; the largest of all groups counts, figure by figure */
  quota: Raised.optional(),
  /** GPUs at a time */
  gpu: Count.optional(),
  /** audiences of tokens in its members' sandboxes; absent: whatever lessons ask for */
  tokens: z.array(z.string().min(1).max(300)).optional(),
  /** offload sites its members' pods may go to */
  sites: z.array(Slug).optional(),
} as const;
