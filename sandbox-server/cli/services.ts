/** The services of this checkout, asked without a server. */
import { createServices, findServices, withSettings } from '../services/index.ts';
import type { Services } from '../services/face.ts';
import type { Probe } from '../sandboxes/driver.ts';
import type { ServiceStatus } from '../contract/service.ts';
import { Problem } from '../contract/errors.ts';
import { createLog } from '../telemetry/index.ts';
import { readSettings, ROOT, STATE } from './settings.ts';

/** To be closed by the caller; closing ends no service. */
export async function servicesHere(): Promise<Services> {
  const config = await readSettings('palestra.yaml');
  const definitions = withSettings(await findServices(ROOT), config.services, ROOT);
  return createServices({ definitions, state: STATE, log: createLog({ level: 'warn' }) });
}

/** What `doctor` says of each: one that is down is as it should be, one that runs in part is not. */
export async function probeServices(services: Pick<Services, 'list' | 'status'>): Promise<readonly Probe[]> {
  return Promise.all(services.list().map(({ name, title }) => probeOne(services, name, title)));
}

async function probeOne(services: Pick<Services, 'status'>, name: string, title: string): Promise<Probe> {
  const probe = { name: `service ${name}`, need: 'wanted' } as const;
  try {
    return { ...probe, ...findingOf(title, await services.status(name)) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ...probe, ok: false, found: error.message, todo: `Lessons that need ${title} cannot start.` };
  }
}

/** Pure. */
export function findingOf(
  title: string,
  { state, parts }: ServiceStatus,
): Pick<Probe, 'ok' | 'found' | 'todo'> {
  if (state === 'down')
    return { ok: true, found: `${title} is down; it starts with the first lab that needs it`, todo: '' };
  const memory = parts.reduce((sum, part) => sum + (part.memory ?? 0), 0);
  const size = memory === 0 ? '' : ` in ${Math.round(memory / 1024 ** 2)} MiB`;
  if (state === 'up') return { ok: true, found: `${title} runs${size}`, todo: '' };
  const ailing = parts.filter(({ ok }) => !ok);
  return {
    ok: false,
    found: `${title} runs in part: ${ailing.map((part) => `${part.name}: ${part.found}`).join('; ')}`,
    todo:
      [...new Set(ailing.map(({ todo }) => todo).filter((one) => one !== ''))].join(' ') ||
      'Start a lab that needs it: that mends it.',
  };
}
