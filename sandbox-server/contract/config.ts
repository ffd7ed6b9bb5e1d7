/** `palestra.yaml`: the one file an operator edits. Unknown keys are errors. Every default makes `npm start` work. */
import { z } from 'zod';
import { Role } from './api.ts';
import { DriverSettings } from './driver.ts';
import { HomesSettings } from './homes.ts';
import { Slug } from './names.ts';
import { ClusterGrant, NamespaceSettings } from './namespace.ts';
import { ServiceFile } from './service.ts';

export const OidcConfig = z.strictObject({
  /** with or without a trailing slash: both forms are taken for access tokens, the discovered one for ID tokens */
  issuer: z.url(),
  clientId: z.string(),
  /** name of the environment variable that holds the secret; absent: a public client (PKCE alone) */
  clientSecretEnv: z.string().optional(),
  scopes: z.string().default('openid profile email offline_access'),
  /** `groups` (IAM profile, Keycloak) or `wlcg.groups` */
  groupsClaim: z.string().default('groups'),
  name: z.string().default('IAM'),
  /** allow tokens for sandboxes without RFC 8693 exchange, by handing on the login's own access token */
  broadSandboxTokens: z.boolean().default(false),
});

/** A service that is not in the checkout's `infra/`, or another way to reach one that is (contract/service.ts). */
const ServiceSettings = z.strictObject({
  /** argv before the verb */
  command: ServiceFile.shape.command,
  /** where it is run, relative to the checkout; default: the folder of its `service.yaml`, else the checkout */
  folder: z.string().optional(),
  title: ServiceFile.shape.title.optional(),
  summary: z.string().max(300).optional(),
  admits: z.boolean().optional(),
  verbs: z.array(Slug).max(64).optional(),
});
export type ServiceSettings = z.infer<typeof ServiceSettings>;

export const Config = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().default(4747),
  /** what browsers type; must be https unless it is localhost */
  url: z.url().optional(),
  /** absent: the development identity provider at /idp of the same address */
  oidc: OidcConfig.optional(),
  /** group path (exact) → what it grants; `*` is whoever signed in */
  groups: z
    .record(
      z.string(),
      z.strictObject({
        roles: z.array(Role).default(['learner']),
        labs: z.number().int().positive().default(3),
        ...ClusterGrant,
      }),
    )
    .default({ '*': { roles: ['learner'], labs: 3 } }),
  /** `local`: this machine; `kubernetes`: pods of a cluster */
  driver: DriverSettings,
  /** warm sandboxes to keep, by kit */
  warm: z.record(Slug, z.number().int().nonnegative()).default({ base: 1, dask: 1 }),
  limits: z
    .strictObject({
      /** bytes */
      memory: z
        .number()
        .int()
        .default(3 * 1024 ** 3),
      disk: z
        .number()
        .int()
        .default(2 * 1024 ** 3),
      pids: z.number().int().default(512),
      /** cores */
      cpu: z.number().default(2),
    })
    .prefault({}),
  /** namespaces of learners on a cluster, for lessons that use it */
  namespaces: NamespaceSettings.prefault({}),
  /**
   * `postgres://user@host/database`, for more than one server; absent: SQLite in the state folder. The environment's
   * PALESTRA_DATABASE_URL is taken instead: a password belongs there. Parameters: store/postgres/address.ts
   */
  store: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//)
    .optional(),
  /** where homes are kept that outlive their sandboxes; a driver whose homes stay in place (`local`) needs none */
  homes: HomesSettings.optional(),
  /** days a paused lab's home is kept */
  keepDays: z.number().int().positive().default(14),
  /** besides those whose `service.yaml` stands below the checkout's infra/; `false` takes one away */
  services: z.record(Slug, z.union([z.literal(false), ServiceSettings])).default({}),
  /** counts for Prometheus on a port of their own, for where the scraper is not this machine; absent: loopback's /metrics alone */
  metrics: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.number().int().min(0).max(65535).default(9464),
    })
    .optional(),
  /** run sandboxes without bubblewrap; for a person's own machine only, and said on every page */
  unsandboxed: z.boolean().default(false),
});
export type Config = z.infer<typeof Config>;
