/** Ranges of addresses that an opening covers, less what stays closed whatever an operator wrote (T52). Pure. */
import { BlockList } from 'node:net';
import { Problem } from '../../contract/errors.ts';

interface Range {
  readonly base: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}
/** Metadata services of clouds and what is link-local. */
const NEVER = ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128'].map(rangeOf);
/** `0.0.0.0/0` is the internet: not this network, its nodes or the cluster's own addresses. */
const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  'fc00::/7',
].map(rangeOf);

/** @throws Problem `unavailable` for a range that is closed for good */
export function blockOf(cidr: string): { cidr: string; except?: string[] } {
  const range = rangeOf(cidr);
  if (NEVER.some((closed) => holds(closed, range)))
    throw new Problem(
      'unavailable',
      `The opening ${cidr} in palestra.yaml names addresses that are never opened: metadata services of the cloud are among them.`,
    );
  const closed = range.bits === 0 ? [...NEVER, ...PRIVATE] : NEVER;
  const except = closed.filter((one) => holds(range, one)).map(({ base, bits }) => `${base}/${String(bits)}`);
  return except.length === 0 ? { cidr } : { cidr, except };
}

function rangeOf(cidr: string): Range {
  const [base = '', bits = ''] = cidr.split('/');
  return { base, bits: Number(bits), family: base.includes(':') ? 'ipv6' : 'ipv4' };
}

/** Whether all of `inner` lies in `outer`. */
function holds(outer: Range, inner: Range): boolean {
  if (outer.family !== inner.family || outer.bits > inner.bits) return false;
  const list = new BlockList();
  list.addSubnet(outer.base, outer.bits, outer.family);
  return list.check(inner.base, inner.family);
}
