/** Whether the address can be listened on: by listening there for a moment. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Probe } from '../../sandboxes/driver.ts';

/** @param ours address of a running server of this checkout: then the port is taken rightly */
export async function probePort(port: number, host: string, ours: string | null): Promise<Probe> {
  const name = `port ${port}`;
  if (ours !== null)
    return { name, ok: true, need: 'needed', found: `Palestra itself runs at ${ours}`, todo: '' };
  const taken = await whyTaken(port, host);
  if (taken === null) return { name, ok: true, need: 'needed', found: `free on ${host}`, todo: '' };
  const todo =
    'Another program listens there. End it, or choose another port in palestra.yaml (port: 4848) or with npm start -- --port 4848.';
  return { name, ok: false, need: 'needed', found: taken, todo };
}

async function whyTaken(port: number, host: string): Promise<string | null> {
  const server = createServer();
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  server.close();
  await once(server, 'close');
  return null;
}
