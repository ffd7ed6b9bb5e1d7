/** The three storage elements as Rucio knows them; pure. */
import type { ElementPlace, LakePlace } from '../place.ts';

export interface RseDefinition {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly protocol: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, string | boolean>>;
}

/** All that a learner does over the network, and what the reaper and the transfer service do for them. */
const DOMAINS = {
  lan: { read: 1, write: 1, delete: 1 },
  wan: { read: 1, write: 1, delete: 1, third_party_copy_read: 1, third_party_copy_write: 1 },
};

const CITIES: Readonly<Record<ElementPlace['name'], string>> = {
  cnaf: 'Bologna',
  napoli: 'Napoli',
  archive: 'Bologna',
};

export function rseOf(place: LakePlace, element: ElementPlace): RseDefinition {
  return {
    name: element.rse,
    properties: {
      deterministic: true,
      volatile: false,
      // also the archive: with TAPE Rucio would wait for a stager that is not there. Its slowness is real all the same.
      rse_type: 'DISK',
      country_name: 'IT',
      city: CITIES[element.name],
    },
    protocol: {
      scheme: 'davs',
      hostname: element.host,
      port: element.port,
      prefix: '/rucio/',
      // stock `webdav` knows no davs and takes XRootD's 200 for a failed delete (trap 26)
      impl: 'rucio.rse.protocols.gfal.Default',
      domains: DOMAINS,
      extended_attributes: null,
    },
    attributes: {
      fts: `https://${place.fts.host}:${place.fts.port}`,
      oidc_support: true,
      oidc_base_path: '/rucio',
      supported_checksums: 'adler32',
      // files go when nobody holds them, not when the element is full
      greedyDeletion: true,
      country: 'IT',
      site: element.site,
      nature: element.nature,
    },
  };
}

/** Every ordered pair: the archive is far, so that Rucio prefers a disk as source where there is one. */
export function distancesOf(place: LakePlace): readonly { from: string; to: string; distance: number }[] {
  return place.elements.flatMap((from) =>
    place.elements
      .filter((to) => to !== from)
      .map((to) => ({ from: from.rse, to: to.rse, distance: from.nature === 'tape' ? 3 : 1 })),
  );
}
