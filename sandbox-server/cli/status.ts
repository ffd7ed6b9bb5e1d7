/** `palestra status`: what runs, for people and for programs. */
import { listSandboxes } from '../sandbox-rooms.ts';
import { running } from './running.ts';
import { probeServices, servicesHere } from './services.ts';
import { readSettings, ROOT, STATE } from './settings.ts';

export async function status(options: { json?: boolean }): Promise<void> {
  const server = await running(STATE);
  const list = await listSandboxes({
    root: ROOT,
    state: STATE,
    config: await readSettings('palestra.yaml'),
  });
  const services = await servicesHere();
  await using _services = { [Symbol.asyncDispose]: () => services.close() };
  const shared = await probeServices(services);
  if (options.json) {
    const said = shared.map(({ name, ok, found, todo }) => ({
      name: name.replace(/^service /, ''),
      ok,
      found,
      todo,
    }));
    return void process.stdout.write(
      `${JSON.stringify({ server, sandboxes: list, services: said }, null, 2)}\n`,
    );
  }
  process.stdout.write(
    server === null
      ? 'No server runs. Start one: npm start\n'
      : `${server.url}   pid ${server.pid}, since ${new Date(server.since).toISOString()}\n`,
  );
  for (const s of list)
    process.stdout.write(
      `  ${s.id}  ${s.kit.padEnd(8)} ${s.lab === null ? 'warm' : `lab ${s.lab}`}  ${s.isolation}\n`,
    );
  if (list.length === 0) process.stdout.write('  no sandbox runs\n');
  for (const { found } of shared) process.stdout.write(`  ${found}\n`);
}
