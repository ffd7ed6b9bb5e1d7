/** What a lesson does to the lake for one learner, while another one works on untouched. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { missing, openWorld, type Learner, type World } from './world.ts';
import { until } from '../until.ts';

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);
const N = Date.now().toString(36);

describe.skipIf(lacks !== null)('verbs of the lake', () => {
  let world: World;
  let one: Learner;
  let other: Learner;

  beforeAll(async () => {
    world = await openWorld();
    await world.up();
    one = await world.learner('volta');
    other = await world.learner('torricelli');
    await world.lake('verb', 'heal', '--user', 'volta');
  });
  // a part that stopped answering in one test is started anew for the next, and for another try
  beforeEach(() => world.up());
  afterAll(() => world.leave());

  async function verb(name: string, ...words: string[]): Promise<Record<string, unknown>> {
    const { code, lines } = await world.lake('verb', name, '--user', 'volta', ...words);
    const answer = lines.at(-1) ?? {};
    expect([code, answer]).toEqual([0, answer]);
    return answer;
  }
  async function upload(learner: Learner, name: string): Promise<string> {
    await learner.shell(`head -c 20000 /dev/urandom > ${name}`);
    return (await learner.rucio('upload', '--rse', 'CNAF_USERDISK', '--scope', learner.scope, name)).out;
  }
  const addRule = async (learner: Learner, name: string) => {
    const [ids] = await learner.rows('POST', '/rules/', {
      dids: [{ scope: learner.scope, name }],
      account: learner.user,
      copies: 1,
      rse_expression: 'NAPOLI_USERDISK',
    });
    return String((ids as unknown as string[])[0]);
  };
  const stateOf = async (learner: Learner, rule: string) =>
    (await learner.rows('GET', `/rules/${rule}`))[0] as { state: string; error: string | null };
  const rulesOf = (learner: Learner, name: string) =>
    learner.rows('GET', `/dids/${learner.scope}/${name}/rules`);

  it('pace holds the transfers of one learner, and nobody else’s', async () => {
    const [mine, theirs] = [`pace-${N}.dat`, `pace-${N}.dat`];
    await upload(one, mine);
    await upload(other, theirs);
    expect(await verb('pace', 'every=10m')).toMatchObject({ every: 600 });
    const [held, free] = [await addRule(one, mine), await addRule(other, theirs)];
    await until(
      () => stateOf(other, free),
      ({ state }) => state === 'OK',
    );
    expect((await stateOf(one, held)).state).toBe('REPLICATING');
    expect(await verb('pace', 'every=now')).toMatchObject({ every: null });
    await until(
      () => stateOf(one, held),
      ({ state }) => state === 'OK',
    );
  });

  it('refuse makes a rule STUCK with the element’s own words; heal and a retry mend it', async () => {
    const name = `refused-${N}.dat`;
    await upload(one, name);
    await verb('refuse', 'element=NAPOLI_USERDISK', 'status=503');
    const rule = await addRule(one, name);
    const stuck = await until(
      () => stateOf(one, rule),
      ({ state }) => state === 'STUCK',
      120_000,
    );
    expect(stuck.error).toMatch(/NAPOLI|napoli|503/);
    const free = await addRule(other, `pace-${N}.dat`).catch(() => null);
    expect(free).toBeNull(); // it has that rule already: the other learner is not concerned
    expect(await verb('heal')).toMatchObject({ ended: 1 });
    await one.rest('PUT', `/rules/${rule}`, { options: { boost_rule: true } });
    await until(
      () => stateOf(one, rule),
      ({ state }) => state === 'OK',
      90_000,
    );
  });

  it('corrupt is found by the checksum, and declare-bad has it replaced from a good copy', async () => {
    // another try begins with a file that nobody corrupted
    const name = `corrupt-${Date.now().toString(36)}.dat`;
    await upload(one, name);
    await until(
      () =>
        addRule(one, name)
          .then((rule) => stateOf(one, rule))
          .catch(() =>
            rulesOf(one, name).then((r) => r.find((x) => x['rse_expression'] === 'NAPOLI_USERDISK') as never),
          ),
      (rule) => (rule as { state: string }).state === 'OK',
    );
    await verb('corrupt', 'element=CNAF_USERDISK', `name=${name}`);
    const bad = await one.rucio(
      'download',
      '--rses',
      'CNAF_USERDISK',
      '--dir',
      'bad',
      `${one.scope}:${name}`,
    );
    expect(bad.out).toContain('Checksum validation failed');
    expect(await verb('declare-bad', 'element=CNAF_USERDISK', `name=${name}`)).toMatchObject({
      said: expect.stringContaining('declared bad') as string,
    });
    await until(
      () =>
        one.shell(
          `rm -rf good && rucio download --rses CNAF_USERDISK --dir good ${one.scope}:${name} && cmp ${name} good/${one.scope}/${name}`,
        ),
      ({ code }) => code === 0,
      90_000,
    );
  });

  it('forward lets a lifetime end: the rule goes, then the file', async () => {
    const name = `forward-${N}.dat`;
    await upload(one, name);
    const rule = String((await rulesOf(one, name))[0]?.['id']);
    await one.rest('PUT', `/rules/${rule}`, { options: { lifetime: 7 * 86_400 } });
    const before = await rulesOf(other, `pace-${N}.dat`);
    expect(await verb('forward', 'hours=169')).toMatchObject({ rules: 1 });
    await until(
      async () => (await one.rest('GET', `/rules/${rule}`)).status,
      (status) => status === 404,
    );
    expect((await rulesOf(other, `pace-${N}.dat`)).map((r) => r['expires_at'])).toEqual(
      before.map((r) => r['expires_at']),
    );
  });

  it('log joins what Rucio, the elements and the transfer service wrote of this learner alone', async () => {
    const { lines } = (await verb('log', 'since=10m')) as { lines: string[] };
    expect(lines.some((line) => line.includes(' rucio POST /rules/ 201'))).toBe(true);
    expect(lines.some((line) => line.includes(' CNAF_USERDISK PUT /rucio/user/volta/'))).toBe(true);
    expect(lines.some((line) => line.includes(' transfer '))).toBe(true);
    expect(lines.filter((line) => line.includes('torricelli'))).toEqual([]);
    const times = lines.map((line) => line.slice(0, 8));
    expect(times).toEqual([...times].sort());
  });

  it.each([
    [['forward'], /hours/],
    [['forward', 'hours=-1'], /hours/],
    [['forward', 'hours=2', 'minutes=3'], /minutes/],
    [['pace', 'every=soon'], /every/],
    [['declare-bad', 'element=CNAF_USERDISK', 'name=../x'], /name/],
    [['declare-bad', 'element=BARI', 'name=x'], /CNAF_USERDISK, NAPOLI_USERDISK, ARCHIVE_USERDISK/],
    [['declare-bad', 'element=CNAF_USERDISK', 'name=not-there'], /no copy of not-there/],
    [['explode'], /no verb explode/],
    [['forward', 'hours'], /key=value/],
  ])('%j fails with a sentence that says what is wrong', async (words, why) => {
    const { code, lines } = await world.lake('verb', '--user', 'volta', ...words);
    expect([code, lines.at(-1)]).toEqual([
      1,
      { error: expect.objectContaining({ message: expect.stringMatching(why) as string }) as object },
    ]);
  });
});
