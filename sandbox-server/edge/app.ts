/** What every route file is given: Fastify with zod as its type provider, the rooms, and who asks. */
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { LiveLessons } from '../authoring/index.ts';
import type { Catalogue } from '../catalogue/face.ts';
import type { Checks } from '../checks/face.ts';
import type { Config } from '../contract/config.ts';
import { Problem } from '../contract/errors.ts';
import type { Identity, SignedIn } from '../identity/face.ts';
import type { Labs } from '../labs/face.ts';
import type { LakeView } from '../lake/face.ts';
import type { Previews, Relay, Tickets } from '../relay/index.ts';
import type { Driver } from '../sandboxes/driver.ts';
import type { Kits } from '../sandboxes/kits.ts';
import type { Log } from '../telemetry/index.ts';
import type { Hosts } from './hosts.ts';

export interface Rooms {
  readonly config: Config;
  readonly identity: Identity;
  readonly labs: Labs;
  readonly checks: Checks;
  readonly catalogue: Catalogue;
  readonly kits: Kits;
  readonly relay: Relay;
  readonly previews: Previews;
  readonly tickets: Tickets;
  readonly lake: LakeView;
  readonly driver: Pick<Driver, 'list'>;
  /** while `npm run dev` runs */
  readonly authoring?: Pick<LiveLessons, 'fresh' | 'watch'>;
  readonly log: Log;
}
/** Known once the server listens. */
export type HostsNow = () => Hosts;

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyRequest {
    /** whose session the cookie names; null: nobody's */
    who: SignedIn | null;
  }
}

/** @returns who asks. Throws Problem `not-signed-in`. */
export function signedIn(request: Pick<FastifyRequest, 'who'>): SignedIn {
  if (request.who === null)
    throw new Problem('not-signed-in', 'Sign in first; this page then goes on where you are.');
  return request.who;
}
