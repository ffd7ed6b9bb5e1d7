/** What the process of the gates is told, as a file: the part writes it, `main.ts` reads it. */
import { z } from 'zod';
import type { LakePlace } from '../../place.ts';
import { TAPE } from '../tape.ts';

const Port = z.number().int().min(1).max(65_535);

const GateConfiguration = z.object({
  rse: z.string(),
  host: z.string(),
  port: Port,
  /** XRootD's http port on loopback */
  inner: Port,
  nature: z.enum(['disk', 'tape']),
  cert: z.string(),
  key: z.string(),
  /** access log, a file */
  log: z.string(),
  /** on whose disk it stores */
  data: z.string(),
});
export type GateConfiguration = z.infer<typeof GateConfiguration>;

export const GatesConfiguration = z.object({
  issuer: z.string(),
  listen: z.string(),
  /** null: it stays who it is */
  user: z.object({ uid: z.number().int().positive(), gid: z.number().int().positive() }).nullable(),
  faults: z.string(),
  /** with less room than this on the disk, nothing more is stored */
  floorBytes: z.number().nonnegative(),
  tape: z.object({ stageMs: z.number().nonnegative(), keptMs: z.number().nonnegative() }),
  gates: z.array(GateConfiguration).min(1),
});
export type GatesConfiguration = z.infer<typeof GatesConfiguration>;

/** Room that is left to PostgreSQL, logs and everybody's homes. */
const FLOOR_BYTES = 2_000_000_000;

export interface ElementFolders {
  readonly faults: string;
  readonly accessLogOf: (rse: string) => string;
}

export function gatesConfiguration(
  place: LakePlace,
  folders: ElementFolders,
  user: GatesConfiguration['user'],
): GatesConfiguration {
  return {
    issuer: place.issuer,
    listen: place.listen,
    user,
    faults: folders.faults,
    floorBytes: FLOOR_BYTES,
    tape: TAPE,
    gates: place.elements.map(({ rse, name, host, port, inner, nature, data }) => ({
      ...{ rse, host, port, inner, nature, data },
      cert: place.authority.certificates[name].cert,
      key: place.authority.certificates[name].key,
      log: folders.accessLogOf(rse),
    })),
  };
}
