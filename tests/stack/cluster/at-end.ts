/** Around all tests of the stack: a cluster that they started ends with them. */
import { command } from './cluster.ts';

export async function teardown(): Promise<void> {
  const { stdout } = await command('status');
  if (!stdout.includes('"state":"down"')) await command('down');
}
