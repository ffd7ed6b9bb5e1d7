/** `/opt/palestra/kit.json`: what the agent is told of the kit; pure. */
import { INSIDE } from '../../sandbox-server/sandboxes/local/bubblewrap.ts';
import { kitAt } from '../../sandbox-server/sandboxes/local/enclosure.ts';
import type { KitDefinition } from '../../sandbox-server/sandboxes/local/kits/kit-file.ts';

export function kitJson(kit: Pick<KitDefinition, 'name' | 'env'>): string {
  const { path, env } = kitAt(INSIDE.kit, kit.env);
  return `${JSON.stringify({ kit: kit.name, path, env, shell: '/bin/bash' }, null, 1)}\n`;
}
