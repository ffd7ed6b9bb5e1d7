/** `palestra doctor`: what this machine, or the cluster, can and cannot enforce, and what to do about it. */
import type { Config } from '../../contract/config.ts';
import type { Probe } from '../../sandboxes/driver.ts';
import { probeLocal } from '../../sandboxes/local/index.ts';
import { running } from '../running.ts';
import { probeServices, servicesHere } from '../services.ts';
import { readSettings, STATE } from '../settings.ts';
import { asJson, asTable, exitCode } from './findings.ts';
import { probePort } from './port.ts';

/** @returns the exit code: 1 where something that is needed is missing */
export async function runDoctor(options: { json: boolean; config: string }): Promise<number> {
  const config = await readSettings(options.config);
  const server = await running(STATE);
  const services = await servicesHere();
  await using _services = { [Symbol.asyncDispose]: () => services.close() };
  const probes = [
    ...(await probeSandboxes(config)),
    await probePort(config.port, config.host, server?.url ?? null),
    ...(await probeServices(services)),
  ];
  process.stdout.write(options.json ? asJson(probes) : asTable(probes));
  return exitCode(probes);
}

/** Of the driver that the settings name; the cluster's client is loaded only where it is asked for. */
async function probeSandboxes({ driver }: Config): Promise<readonly Probe[]> {
  if (driver.kind === 'local') return probeLocal(STATE);
  const { probeKubernetes } = await import('../../sandboxes/kubernetes/index.ts');
  return probeKubernetes(driver);
}
