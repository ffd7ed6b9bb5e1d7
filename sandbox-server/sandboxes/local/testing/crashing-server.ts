/**
 * A server that dies (kill -9) at one step of a claim or a release. Tests of F1 start it as a process:
 * `crashing-server.ts '{"place": …, "lab": …, "step": …, "release": true?}'`.
 */
import { z } from 'zod';
import { createLocalDriver } from '../driver.ts';
import { BARE_AGENT, LIMITS, bareKits } from './local-subject.ts';

const Orders = z.object({
  place: z.object({ root: z.string(), sockets: z.string() }),
  lab: z.string(),
  step: z.string(),
  release: z.boolean().default(false),
});
const { place, lab, step, release } = Orders.parse(JSON.parse(process.argv[2] ?? ''));
let armed = !release;

const driver = await createLocalDriver({
  state: place.root,
  place,
  kits: bareKits(place),
  limits: LIMITS,
  trust: { keys: ['AAAA'] },
  log: { info: () => {}, warn: () => {} },
  agent: BARE_AGENT,
  atStep: (here) => void (armed && here === step && process.kill(process.pid, 'SIGKILL')),
});
await driver.adopt();
await driver.claim({ lab, kit: 'bare' });
armed = true;
if (release) await driver.release(lab);
throw new Error(`never came to the step ${step}`);
