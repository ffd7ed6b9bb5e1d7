/** `palestra doctor`: what this machine can and cannot enforce, and what to do about it. */
import { probeLocal } from '../../sandboxes/local/index.ts';
import { running } from '../running.ts';
import { probeServices, servicesHere } from '../services.ts';
import { readSettings, STATE } from '../settings.ts';
import { asJson, asTable, exitCode } from './findings.ts';
import { probePort } from './port.ts';

/** @returns the exit code: 1 where something that is needed is missing */
export async function runDoctor(options: { json: boolean }): Promise<number> {
  const config = await readSettings('palestra.yaml');
  const server = await running(STATE);
  const services = await servicesHere();
  await using _services = { [Symbol.asyncDispose]: () => services.close() };
  const probes = [
    ...(await probeLocal(STATE)),
    await probePort(config.port, config.host, server?.url ?? null),
    ...(await probeServices(services)),
  ];
  process.stdout.write(options.json ? asJson(probes) : asTable(probes));
  return exitCode(probes);
}
