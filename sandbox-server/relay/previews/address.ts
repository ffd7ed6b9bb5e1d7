/** Preview addresses: `<port>-<sandbox>.<portal host>`, one origin a port and sandbox (design decision 11). */
import { Id, Port } from '../../contract/names.ts';

export interface PreviewPlace {
  readonly port: number;
  readonly sandbox: string;
  /** `http://8787-….localhost:4747` */
  readonly origin: string;
  /** the only other origin that may frame it */
  readonly portal: string;
}

/**
 * @param host a Host header, @param portal the portal's address.
 * @returns where it leads; `bad` below the portal's host but no preview address (T37); null elsewhere.
 */
export function previewPlace(host: string, portal: URL): PreviewPlace | 'bad' | null {
  const below = `.${portal.host}`;
  const lower = host.toLowerCase();
  if (!lower.endsWith(below)) return null;
  const [, digits, sandbox] = /^(\d{4,5})-([a-z2-7]{20})$/.exec(lower.slice(0, -below.length)) ?? [];
  const port = Port.safeParse(Number(digits));
  const id = Id.safeParse(sandbox);
  if (!port.success || !id.success) return 'bad';
  return { port: port.data, sandbox: id.data, origin: `${portal.protocol}//${lower}`, portal: portal.origin };
}

export function previewOrigin(portal: URL, port: number, sandbox: string): string {
  return `${portal.protocol}//${port}-${sandbox}.${portal.host}`;
}
