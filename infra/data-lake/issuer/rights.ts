/** What tokens the lake's issuer gives, and to whom: pure, from the place. */
import type { SecondName } from '../../../sandbox-server/identity/index.ts';
import { audiencesOf, type LakePlace } from '../place.ts';

/** Rucio's own client at the issuer; its secret stands in `clients.json` of the provider's folder. */
const RUCIO_CLIENT = 'rucio';

/** Rucio asks for `offline_access` with each, as production's issuers want it; it gets no refresh token for it. */
const OFFLINE = 'offline_access';

/**
 * People: Rucio and the elements. Rucio in its own name: transfers, and the storage of each element, since it moves
 * and deletes for everybody. Nothing else, for nobody.
 */
export function secondNameOf(place: LakePlace): SecondName {
  return {
    issuer: place.issuer,
    audiences: audiencesOf(place),
    servers: [
      { client: RUCIO_CLIENT, audiences: ['fts', place.fts.host], scopes: ['fts', OFFLINE] },
      {
        client: RUCIO_CLIENT,
        audiences: place.elements.map((element) => element.host),
        scopes: ['storage.read:/', 'storage.create:/', 'storage.modify:/', 'storage.stage:/', OFFLINE],
      },
    ],
  };
}
