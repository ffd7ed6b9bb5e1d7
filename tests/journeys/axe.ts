/** What axe finds on a page, a line each: `rule: markup | markup`. */
import type AxeBuilder from '@axe-core/playwright';

/** @param looking which page, and what of it is looked at or left out */
export async function faultsIn(looking: AxeBuilder): Promise<string[]> {
  const { violations } = await looking.analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  );
}
