/** What the service is told: one JSON file, checked once. */
import { z } from 'zod';
import { Limits } from './queue/limits.ts';
import { Retries } from './queue/retry.ts';

export const Settings = z.strictObject({
  listen: z.strictObject({
    host: z.string().default('127.0.0.1'),
    port: z.number().int().min(0).max(65_535),
  }),
  /** files in PEM form */
  tls: z.strictObject({ cert: z.string(), key: z.string() }),
  /** authority of elements and issuer, beside none other */
  ca: z.string(),
  /** host → address, for names that the system does not know */
  names: z.record(z.string(), z.string()).default({}),
  issuer: z.url({ protocol: /^https$/ }),
  audiences: z.array(z.string().min(1)).min(1),
  /** `host:port`; nobody makes this service ask any other address. Empty: any */
  elements: z.array(z.string()).default([]),
  /** folder of the queue and of its key, for this service alone */
  state: z.string(),
  /** user to become after the files are read; null: stay who we are */
  user: z.number().int().positive().nullable().default(null),
  limits: Limits.default({ total: 24, perLink: 8, inbound: 12, outbound: 12 }),
  retries: Retries.default({ most: 2, firstMs: 500, factor: 3, longestMs: 60_000 }),
  /** ms; why each stands where it is read: copy/element.ts, copy/active.ts */
  patience: z
    .strictObject({
      answerMs: z.number().min(1).default(30_000),
      // a 2 GB file is read for its checksum
      checksumMs: z.number().min(1).default(300_000),
      beginMs: z.number().min(1).default(60_000),
      // XRootD sends a marker every 5 s
      silenceMs: z.number().min(1).default(60_000),
      standstillMs: z.number().min(1).default(180_000),
    })
    .default({
      answerMs: 30_000,
      checksumMs: 300_000,
      beginMs: 60_000,
      silenceMs: 60_000,
      standstillMs: 180_000,
    }),
  keptHours: z.number().min(0).default(72),
  level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});
export type Settings = z.infer<typeof Settings>;
