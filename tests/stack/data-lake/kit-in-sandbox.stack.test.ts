/** What a learner has: the kit in a real sandbox with real walls, the lake reached through the agent alone. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LentServices, RunResult } from '../../../sandbox-server/contract/agent.ts';
import type { ServiceAddress } from '../../../sandbox-server/contract/service.ts';
import type { AgentLink } from '../../../sandbox-server/sandboxes/agent-link.ts';
import { newId } from '../../../sandbox-server/sandboxes/ids.ts';
import { createLinks, temporaryTicketKeys } from '../../../sandbox-server/sandboxes/link/index.ts';
import { createLocalKits } from '../../../sandbox-server/sandboxes/local/index.ts';
import { AGENT } from '../../../sandbox-server/sandboxes/local/runtime.ts';
import {
  localSubject,
  type LocalSubject,
} from '../../../sandbox-server/sandboxes/local/testing/local-subject.ts';
import { missing, openWorld, type Learner, type World } from './world.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const USER = 'keplero';
const N = Date.now().toString(36);
const lacks = missing();

describe.skipIf(lacks !== null)('the lake’s kit in a sandbox', () => {
  const lab = newId();
  const keys = temporaryTicketKeys();
  const kits = createLocalKits({
    root: resolve(ROOT, 'infra/kits'),
    state: process.env['PALESTRA_KITS'] ?? resolve(ROOT, '.palestra'),
    log: pino({ level: 'silent' }),
  });
  let world: World;
  let learner: Learner;
  let subject: LocalSubject;
  let agent: AgentLink;
  let fixture: string;

  beforeAll(async () => {
    world = await openWorld();
    await world.up();
    learner = await world.learner(USER);
    await (await kits).ready('lake');
    const address = (await world.lake('address')).lines.at(-1) as unknown as ServiceAddress;
    subject = await localSubject({
      agent: AGENT,
      kits: await kits,
      trust: { keys: [...keys.publicKeys()] },
      hosts: [...new Set(address.endpoints.map(({ host }) => host))],
      limits: { memory: 1024 ** 3, disk: 256 * 1024 ** 2, pids: 128, cpu: 2 },
    });
    agent = createLinks({ sign: keys.sign })(await subject.driver.claim({ lab, kit: 'lake' }));
    await agent.claim({ lab, user: USER, fullName: 'Keplero', seed: '0123456789abcdef', env: {} });
    const lent = await subject.driver.lend(lab, [
      { name: 'data-lake', endpoints: address.endpoints, ca: address.ca },
    ]);
    await agent.services(withOwn(lent, address));
    await agent.tokens({
      tokens: [{ name: 'default', token: learner.token, expiresAt: Date.now() + 600_000 }],
    });
    fixture = (await readFile(resolve(ROOT, 'courses/data-lake/fixtures/lake.sh'))).toString('base64');
    // the kit's settings name the lake's usual ports, and the tests' lake has others
    await run(`sed 's/:314/:${String(world.place.port).slice(0, 3)}/' /opt/kit/etc/rucio.cfg > ~/kit.cfg`);
  });
  afterAll(async () => {
    await subject.close();
    await (await kits).close();
  });

  const withOwn = (lent: LentServices, { env }: ServiceAddress): LentServices => ({
    ...lent,
    env: { ...env, RUCIO_ACCOUNT: USER, ...lent.env },
  });
  const run = (code: string): Promise<RunResult> =>
    agent.run({
      lang: 'bash',
      code: `${code}\n`,
      timeout: 120,
      fixtures: [{ path: 'lake.sh', content: fixture ?? '', executable: false }],
      env: { RUCIO_CONFIG: '/home/learner/kit.cfg' },
    });
  const told = async (code: string): Promise<string> => {
    const { exit, stdout, stderr } = await run(code);
    expect(exit, `${stdout}\n${stderr}`).toBe(0);
    return stdout;
  };

  it('has the front before the client, the kit’s variables and the learner’s account', async () => {
    expect(await told('type -p rucio palestra gfal-copy xrdcp; echo $RUCIO_ACCOUNT $GFAL_CONFIG_DIR')).toBe(
      `/opt/kit/front/rucio\n/opt/kit/front/palestra\n/opt/kit/front/gfal-copy\n/usr/bin/xrdcp\n${USER} /opt/kit/etc/gfal2.d\n`,
    );
  });

  it('finds everything well', async () => {
    expect(await told('palestra lake check')).toContain('Everything is as it should be.');
  });

  it('uploads and downloads with the real client, in the scope of its account', async () => {
    await told(`head -c 500000 /dev/urandom > s-${N}.dat; rucio upload --rse CNAF_USERDISK s-${N}.dat`);
    await told(`rucio download --dir out user.${USER}:s-${N}.dat && cmp s-${N}.dat out/*/s-${N}.dat`);
  });

  it('puts and gets', async () => {
    await told(`head -c 700000 /dev/urandom > t-${N}.dat; palestra lake put t-${N}.dat --dataset ds-${N}`);
    expect(
      await told(`palestra lake get ds-${N} --to got && cmp t-${N}.dat got/*/t-${N}.dat && echo same`),
    ).toContain('same');
  });

  it('copies with gfal, and reads over root://', async () => {
    const cnaf = world.place.elements.find((one) => one.name === 'cnaf') ?? expect.fail();
    const at = `davs://${cnaf.host}:${cnaf.port}/rucio/user/${USER}/g-${N}.dat`;
    await told(`gfal-copy -f s-${N}.dat ${at} && gfal-copy -f ${at} y.dat && cmp y.dat s-${N}.dat`);
    await told(
      `xrdcp -f root://${cnaf.host}:${cnaf.rootPort}//rucio/user/${USER}/g-${N}.dat x.dat && cmp x.dat s-${N}.dat; gfal-rm ${at}`,
    );
  });

  it('says why a token is refused, though the server does not', async () => {
    await agent.tokens({ tokens: [{ name: 'bad', token: 'hello', expiresAt: Date.now() + 600_000 }] });
    const { exit, stderr } = await run(
      'BEARER_TOKEN_FILE=$(dirname $BEARER_TOKEN_FILE)/bad rucio whoami < /dev/null',
    );
    expect([exit, stderr]).toEqual([1, expect.stringContaining('is not a token') as string]);
  });

  it('has lake.sh answer questions of checks', async () => {
    expect(
      await told(
        `. "$PALESTRA_FIXTURES/lake.sh"; copies_at ds-${N} "$(my_rule ds-${N} CNAF_USERDISK | jq -r .rse_expression || my_rule ds-${N} NAPOLI_USERDISK | jq -r .rse_expression)"; type_of ds-${N}`,
      ),
    ).toMatch(/^[01]\nDATASET\n$/);
  });
});
