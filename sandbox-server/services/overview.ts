/** What the server must know of all services before its first sandbox: their names inside, and their tokens' issuer. */
import type { ServiceAddress } from '../contract/service.ts';
import type { Log } from '../telemetry/index.ts';
import type { Services } from './face.ts';

export interface Overview {
  /** names for /etc/hosts of every sandbox */
  readonly hosts: readonly string[];
  /** whose name stands in tokens for these audiences, where it is not the portal's provider's own */
  readonly issuer: { readonly issuer: string; readonly audiences: readonly string[] } | null;
}

/** A service that cannot say where it is is left out, and logged: the others' lessons go on. */
export async function overviewOf(services: Pick<Services, 'list' | 'address'>, log: Log): Promise<Overview> {
  const names = services.list().map(({ name }) => name);
  const asked = await Promise.allSettled(names.map((name) => services.address(name)));
  const known: { name: string; address: ServiceAddress }[] = [];
  asked.forEach((one, i) => {
    const name = names[i] ?? '';
    if (one.status === 'fulfilled') known.push({ name, address: one.value });
    else log.warn({ service: name, err: one.reason as unknown }, 'a service does not say where it is');
  });
  for (const clash of clashes(known)) log.error(clash, 'two services want the same port in sandboxes');
  const issuers = known.flatMap(({ address: { issuer, audiences } }) =>
    issuer === null ? [] : [{ issuer, audiences }],
  );
  const [issuer] = issuers;
  return {
    hosts: [...new Set(known.flatMap(({ address }) => address.endpoints.map(({ host }) => host)))],
    issuer:
      issuer === undefined
        ? null
        : {
            issuer: issuer.issuer,
            audiences: issuers.filter((one) => one.issuer === issuer.issuer).flatMap((one) => one.audiences),
          },
  };
}

/** All names are one address inside, so a port tells which is meant; pure. */
export function clashes(
  known: readonly { readonly name: string; readonly address: Pick<ServiceAddress, 'endpoints'> }[],
): readonly { readonly port: number; readonly services: readonly string[] }[] {
  const byPort = Map.groupBy(
    known.flatMap(({ name, address }) => address.endpoints.map(({ port }) => ({ name, port }))),
    ({ port }) => port,
  );
  return [...byPort]
    .filter(([, all]) => all.length > 1)
    .map(([port, all]) => ({ port, services: all.map(({ name }) => name) }));
}
