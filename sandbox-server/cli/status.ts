/** `palestra status`: what runs, for people and for programs. */
import { listSandboxes } from '../main.ts';
import { running } from './running.ts';
import { readSettings, ROOT, STATE } from './settings.ts';

export async function status(options: { json?: boolean }): Promise<void> {
  const server = await running(STATE);
  const list = await listSandboxes({
    root: ROOT,
    state: STATE,
    config: await readSettings('palestra.yaml'),
  });
  if (options.json)
    return void process.stdout.write(`${JSON.stringify({ server, sandboxes: list }, null, 2)}\n`);
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
}
