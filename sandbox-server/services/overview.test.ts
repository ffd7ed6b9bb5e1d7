import { describe, expect, it } from 'vitest';
import { ServiceAddress } from '../contract/service.ts';
import { silentLog } from '../telemetry/index.ts';
import type { Services, ServiceState } from './face.ts';
import { clashes, overviewOf } from './overview.ts';

const address = (host: string, port: number, issuer: string | null = null, audiences: string[] = []) =>
  ServiceAddress.parse({
    ca: null,
    issuer,
    audiences,
    endpoints: [{ host, port, to: { host: '127.0.0.1', port } }],
  });
const services = (all: Record<string, ServiceAddress | Error>): Pick<Services, 'list' | 'address'> => ({
  list: () => Object.keys(all).map((name) => ({ name }) as ServiceState),
  address: (name) => {
    const found = all[name];
    if (found === undefined || found instanceof Error) return Promise.reject(found ?? new Error(name));
    return Promise.resolve(found);
  },
});

describe('what is known of all services', () => {
  it('is their names and who signs their tokens; one that cannot say so is left out', async () => {
    const known = await overviewOf(
      services({
        lake: address('rucio.lake.test', 4000, 'https://iam.lake.test/', ['rucio']),
        broken: new Error('no such program'),
        cluster: address('dask.lake.test', 4001),
        archive: address('rucio.lake.test', 4002, 'https://iam.lake.test/', ['archive']),
        other: address('x.other.test', 4003, 'https://iam.other.test/', ['other']),
      }),
      silentLog(),
    );
    expect(known).toEqual({
      hosts: ['rucio.lake.test', 'dask.lake.test', 'x.other.test'],
      issuer: { issuer: 'https://iam.lake.test/', audiences: ['rucio', 'archive'] },
    });
    expect(await overviewOf(services({}), silentLog())).toEqual({ hosts: [], issuer: null });
  });

  it('two on one port are found: inside all names are one address', () => {
    const both = [
      { name: 'a', address: address('a.test.it', 4000) },
      { name: 'b', address: address('b.test.it', 4000) },
      { name: 'c', address: address('c.test.it', 4001) },
    ];
    expect(clashes(both)).toEqual([{ port: 4000, services: ['a', 'b'] }]);
  });
});
