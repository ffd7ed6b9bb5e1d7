/** Telling the provider that a login is over, behind the person's back: they are signed out here either way. */
import * as openid from 'openid-client';
import { Problem } from '../../contract/errors.ts';
import type { Log } from '../../telemetry/index.ts';
import { reasonOf } from './reasons.ts';
import type { RelyingParty } from './relying-party.ts';
import type { Session } from './sessions.ts';

export interface Farewells {
  /** revokes the refresh token soon; returns at once */
  say(session: Session): void;
  settled(): Promise<void>;
}

export function farewells(party: RelyingParty, log: Log): Farewells {
  const underWay = new Set<Promise<void>>();
  const revoke = async ({ tokens }: Session): Promise<void> => {
    const configuration = await party.configuration();
    const { revocation_endpoint: endpoint } = configuration.serverMetadata();
    if (tokens.refresh === null || endpoint === undefined) return;
    await openid.tokenRevocation(configuration, tokens.refresh, { token_type_hint: 'refresh_token' });
  };
  const unsaid = (error: unknown): void => {
    const reason = error instanceof Problem ? 'provider-down' : reasonOf(error);
    log.info({ reason }, 'a refresh token was not revoked at the provider');
  };
  return {
    say: (session) => {
      const saying = revoke(session).catch(unsaid);
      underWay.add(saying);
      void saying.then(() => underWay.delete(saying));
    },
    settled: async () => void (await Promise.all(underWay)),
  };
}
