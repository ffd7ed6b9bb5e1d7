/** What a lesson names is reachable in its sandbox while it is open, and nothing that only another lesson named. */
import type { LentServices } from '../contract/agent.ts';
import type { Lending } from '../sandboxes/driver.ts';
import type { AgentLink } from '../sandboxes/agent-link.ts';
import type { Context } from './context.ts';

/** A sandbox that things are lent to. */
export interface Borrower {
  readonly shared: { readonly agent: Pick<AgentLink, 'services'> };
  /** something was, perhaps */
  lent: boolean;
}

/**
 * Makes exactly these services reachable. A sandbox that has none and needs none is not bothered: most lessons.
 * Shells that are open keep the environment they began with; new ones and checks have what is said here.
 */
export async function lendServices(
  context: {
    readonly driver: Pick<Context['driver'], 'lend'>;
    readonly services: Pick<Context['services'], 'address'>;
  },
  to: { readonly lab: string; readonly user: string; readonly live: Borrower },
  names: readonly string[],
): Promise<void> {
  if (names.length === 0 && !to.live.lent) return;
  to.live.lent = true;
  const addresses = await Promise.all(names.map((name) => context.services.address(name)));
  const lendings: Lending[] = names.flatMap((name, i) => {
    const address = addresses[i];
    return address === undefined ? [] : [{ name, endpoints: address.endpoints, ca: address.ca }];
  });
  const lent = await context.driver.lend(to.lab, lendings);
  const own = Object.assign(
    {},
    ...addresses.map((address) => filled(address.env, to.user)),
  ) as LentServices['env'];
  await to.live.shared.agent.services({ ...lent, env: { ...own, ...lent.env } });
  to.live.lent = names.length > 0;
}

function filled(env: LentServices['env'], user: string): LentServices['env'] {
  return Object.fromEntries(
    Object.entries(env).map(([name, text]) => [name, text.replaceAll('{{user}}', user)]),
  );
}
