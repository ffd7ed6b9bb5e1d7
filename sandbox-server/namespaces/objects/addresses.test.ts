import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockList } from 'node:net';
import { Problem } from '../../contract/errors.ts';
import { blockOf } from './addresses.ts';

describe('an opening to addresses', () => {
  it('is what the operator wrote where nothing in it stays closed', () => {
    expect(blockOf('192.0.2.0/24')).toEqual({ cidr: '192.0.2.0/24' });
    expect(blockOf('10.20.0.0/16')).toEqual({ cidr: '10.20.0.0/16' });
    expect(blockOf('2001:db8::/32')).toEqual({ cidr: '2001:db8::/32' });
  });
  it('T52 leaves out metadata services of clouds, IPv4 and IPv6', () => {
    expect(blockOf('169.0.0.0/8')).toEqual({ cidr: '169.0.0.0/8', except: ['169.254.0.0/16'] });
    expect(blockOf('fd00:ec2::/32').except).toEqual(['fd00:ec2::254/128']);
  });
  it('T52 to the whole internet leaves out this network and the cluster', () => {
    expect(blockOf('0.0.0.0/0').except).toEqual([
      '169.254.0.0/16',
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '100.64.0.0/10',
      '127.0.0.0/8',
    ]);
    expect(blockOf('::/0').except).toEqual(['fe80::/10', 'fd00:ec2::254/128', 'fc00::/7']);
  });
  it.each(['169.254.169.254/32', '169.254.0.0/16', 'fd00:ec2::254/128', 'fe80::1/128'])(
    'T52 refuses %s outright',
    (cidr) => {
      expect(() => blockOf(cidr)).toThrow(Problem);
    },
  );
  it('T52 never covers the metadata service, whatever range of IPv4 is written', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.integer({ min: 0, max: 32 }), (a, b, bits) => {
        const cidr = `${String(a)}.${String(b)}.169.254/${String(bits)}`;
        expect(opened(cidr, '169.254.169.254')).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

function opened(cidr: string, address: string): boolean {
  try {
    const { except = [] } = blockOf(cidr);
    return covers(cidr, address) && !except.some((one) => covers(one, address));
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}
function covers(cidr: string, address: string): boolean {
  const [base = '', bits = '0'] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(base, Number(bits));
  return list.check(address);
}
