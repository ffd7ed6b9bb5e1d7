/** Where a lake is: known before it was ever started; pure. */
import type { ServiceAddress } from '../../sandbox-server/contract/service.ts';
import { audiencesOf, endpointsOf, type LakePlace } from './place.ts';

/** @param hasAuthority its certificate was made already */
export function addressOf(place: LakePlace, hasAuthority: boolean): ServiceAddress {
  const rucio = `https://${place.rucio.host}:${place.rucio.port}`;
  return {
    ca: hasAuthority ? place.authority.ca : null,
    issuer: place.issuer,
    endpoints: endpointsOf(place).map(({ host, port }) => ({ host, port, to: { host: '127.0.0.1', port } })),
    audiences: [...audiencesOf(place), place.fts.host],
    env: {
      // for the kit's rucio.cfg and its tools: another lake has other ports
      PALESTRA_LAKE_RUCIO: rucio,
      PALESTRA_LAKE_ELEMENTS: place.elements
        .map(({ rse, host, port }) => `${rse}=https://${host}:${port}`)
        .join(' '),
      RUCIO_ACCOUNT: '{{user}}',
    },
    steward: place.stewardSocket,
  };
}
