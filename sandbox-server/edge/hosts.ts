/**
 * Which of our addresses a request is for, by its Host header alone (T70): forwarding headers are
 * never looked at, so nobody can claim another (T2).
 */
import { previewPlace } from '../relay/index.ts';
import type { PreviewPlace } from '../relay/index.ts';

export type HostMeaning =
  /** the site itself; `origin` is what its pages' requests say they come from */
  | { readonly kind: 'portal'; readonly origin: string }
  | { readonly kind: 'preview'; readonly place: PreviewPlace }
  /** this machine by number: cookies and previews need its name */
  | { readonly kind: 'by-number' }
  /** below our host, and no preview (T37) */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'foreign' };

export interface Hosts {
  /** where browsers find the site */
  readonly portal: URL;
  meaning(host: string | undefined): HostMeaning;
}

/** @param url what browsers type, where it is not localhost at this port. */
export function createHosts(port: number, url: string | undefined): Hosts {
  const local = new URL(`http://localhost:${port}`);
  const portal = url === undefined ? local : new URL('/', url);
  const sites = new Map([local, portal].map((site) => [site.host, site.origin]));
  const numbers = new Set(['127.0.0.1', '[::1]'].map((address) => new URL(`http://${address}:${port}`).host));
  return {
    portal,
    meaning(host) {
      const name = host?.toLowerCase() ?? '';
      const origin = sites.get(name);
      if (origin !== undefined) return { kind: 'portal', origin };
      if (numbers.has(name)) return { kind: 'by-number' };
      const place = previewPlace(name, portal);
      if (place === 'bad') return { kind: 'malformed' };
      return place === null ? { kind: 'foreign' } : { kind: 'preview', place };
    },
  };
}
