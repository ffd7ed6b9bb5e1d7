/** Around all tests of the stack: a lake that they started ends with them. */
import { openWorld } from './world.ts';

export async function teardown(): Promise<void> {
  const world = await openWorld();
  const [status] = (await world.lake('status')).lines.slice(-1);
  if (status?.['state'] !== 'down') await world.lake('down');
}
