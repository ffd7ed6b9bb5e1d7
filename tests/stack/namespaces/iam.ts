/** The development provider over https where the cluster's API server can ask it: on the machine's end of its cable. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../../../infra/machine/testing/self-signed.ts';
import { clusterDiscovery } from '../../../sandbox-server/identity/cluster-discovery.ts';
import { createProvider, type DevelopmentProvider } from '../../../sandbox-server/identity/index.ts';
import { silentLog } from '../../../sandbox-server/telemetry/index.ts';

export interface Iam {
  readonly provider: DevelopmentProvider;
  /** as access tokens say it, without a slash */
  readonly issuer: string;
  readonly ca: string;
  /** a document for the issuer without a slash, whatever the provider's own says */
  readonly discovery: string;
  close(): Promise<void>;
}
const DOCUMENT = '/cluster/.well-known/openid-configuration';

/** @param slash as INDIGO IAM: its own document says the issuer with a slash, its access tokens say it without */
export async function openIam(host: string, profile: 'iam' | 'wlcg', slash: boolean): Promise<Iam> {
  const folder = await mkdtemp(join(tmpdir(), 'palestra-iam-'));
  const { key, cert, ca } = await selfSigned(folder, host, 'IP');
  const made: { provider?: DevelopmentProvider } = {};
  const server = createServer({ key, cert }, (req, res) => {
    const answered = req.url === DOCUMENT ? document() : made.provider?.callback(req, res);
    Promise.resolve(answered).then(
      (body) => {
        if (typeof body === 'string') res.writeHead(200, { 'content-type': 'application/json' }).end(body);
      },
      (error: unknown) => res.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((done) => server.listen(0, host, done));
  const url = `https://${host}:${String((server.address() as AddressInfo).port)}`;
  const issuer = `${url}/idp`;
  const document = (): string => {
    const own = { issuer: slash ? `${issuer}/` : issuer, jwks_uri: `${issuer}/jwk` };
    return JSON.stringify(clusterDiscovery(own, issuer));
  };
  const provider = await createProvider({
    issuer,
    portal: url,
    folder: join(folder, 'idp'),
    log: silentLog(),
    profile,
    trailingSlash: slash,
  });
  made.provider = provider;
  return {
    provider,
    issuer,
    ca,
    discovery: `${url}${DOCUMENT}`,
    async close() {
      await new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      });
      await provider.close();
      await rm(folder, { recursive: true });
    },
  };
}
