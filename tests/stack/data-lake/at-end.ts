/** Around all tests of the stack: a lake that they started ends with them. */
import { onCluster, openWorld } from './world.ts';

export async function teardown(): Promise<void> {
  // it ends with its cluster
  if (onCluster) return;
  const world = await openWorld();
  const [status] = (await world.lake('status')).lines.slice(-1);
  if (status?.['state'] !== 'down') await world.lake('down');
}
