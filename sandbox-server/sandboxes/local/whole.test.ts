/** The real agent inside the real walls, spoken to as the server does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../conformance.ts';
import type { AgentLink } from '../agent-link.ts';
import type { Sandbox } from '../driver.ts';
import { newId } from '../ids.ts';
import { createLinks, temporaryTicketKeys } from '../link/index.ts';
import { AGENT } from './runtime.ts';
import { localSubject, type LocalSubject } from './testing/local-subject.ts';

describe('the agent in a local sandbox', () => {
  const keys = temporaryTicketKeys();
  const linkTo = createLinks({ sign: keys.sign });
  const lab = newId();
  const claim = { lab, user: 'ada', fullName: 'Ada Learner', seed: '0123456789abcdef', env: {} };
  let subject: LocalSubject;
  let sandbox: Sandbox;
  let link: AgentLink;
  beforeAll(async () => {
    subject = await localSubject({ agent: AGENT, trust: { keys: [...keys.publicKeys()] } });
    sandbox = await subject.driver.claim({ lab, kit: 'bare' });
    link = linkTo(sandbox);
    await link.claim(claim);
  });
  afterAll(() => subject.close());
  const run = async (code: string) =>
    (await link.run({ lang: 'bash', code, timeout: 20, fixtures: [], env: {} })).stdout.trim();

  it('knows its sandbox and its learner, and is PID 1', async () => {
    expect(await link.status()).toMatchObject({ sandbox: sandbox.id, lab, user: 'ada' });
    expect(await run('id -un; echo $USER $HOME; pwd; type -p python; tr "\\0" " " < /proc/1/cmdline')).toBe(
      'learner\nada /home/learner\n/home/learner\n/opt/kit/bin/python\n/opt/palestra/bin/node /opt/palestra/agent/main.js /run/palestra/config.json',
    );
  });

  it('keeps tokens in memory, 0600, where BEARER_TOKEN_FILE says', async () => {
    await link.tokens({ tokens: [{ name: 'default', token: 'a.b.c', expiresAt: Date.now() + 60_000 }] });
    expect(
      await run(
        'cat $BEARER_TOKEN_FILE; echo; stat -c "%a %n" $BEARER_TOKEN_FILE; stat -f -c %T $BEARER_TOKEN_FILE',
      ),
    ).toBe('a.b.c\n600 /run/palestra/tokens/default\ntmpfs');
  });

  it('T74 stops a program with Ctrl-C and takes job control', async () => {
    const { terminal } = await link.type({ code: 'sleep 1000' });
    await until(async () =>
      (await link.terminals()).some((t) => t.name === terminal && t.prompt.state === 'busy'),
    );
    await link.stop(terminal);
    expect((await link.terminals()).find((t) => t.name === terminal)?.prompt.state).toBe('idle');
    expect(await run('ps -eo args | grep -c "[s]leep 1000"')).toBe('0');
  });

  it('reaps what is left behind: no zombie stays', async () => {
    await link.type({ code: 'for i in $(seq 20); do (setsid sleep 0.1 & ) ; done' });
    await until(async () => (await run('ps -eo stat,args | grep -c "[s]leep 0.1"')) === '0');
    await until(async () => (await run('ps -eo stat | grep -c "^Z"')) === '0');
  });

  it('goes on when the server goes, the same shell with the same log', async () => {
    await until(async () =>
      (await link.terminals()).some((t) => t.name === '1' && t.prompt.state === 'idle'),
    );
    await link.type({ terminal: '1', code: 'mark=kept-$RANDOM; echo $mark > ~/mark' });
    await until(async () => (await run('cat ~/mark 2>/dev/null')) !== '');
    const end = (await link.terminals())[0]?.end ?? 0;
    await subject.driver.close();
    const next = await localSubject({
      place: subject.place,
      agent: AGENT,
      trust: { keys: [...keys.publicKeys()] },
    });
    const [adopted] = await next.driver.adopt();
    if (adopted === undefined) return expect.fail('it was not found again');
    const again = linkTo(adopted);
    expect((await again.claim(claim)).boot).toBe((await link.status()).boot);
    await until(async () =>
      (await again.terminals()).some((t) => t.name === '1' && t.prompt.state === 'idle'),
    );
    await again.type({ terminal: '1', code: 'test "$mark" = "$(cat ~/mark)" && touch ~/same' });
    await until(async () => (await run('ls ~')).includes('same'));
    expect((await again.terminals())[0]?.end).toBeGreaterThan(end);
    await next.driver.close();
  });
});
