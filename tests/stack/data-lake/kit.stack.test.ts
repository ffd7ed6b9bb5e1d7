/** The lake's kit against the real lake: the front of `rucio`, `palestra lake`, gfal's programs and the lessons' lake.sh. */
import { resolve } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalKits, kitAt } from '../../../sandbox-server/sandboxes/local/index.ts';
import { missing, openWorld, type Learner, type Ran, type World } from './world.ts';
import { until } from '../until.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const USER = 'keplero';
const READ = 'storage.read:/';
const OWN = `openid profile wlcg.groups ${READ} storage.create:/user/${USER} storage.modify:/user/${USER}`;
const N = Date.now().toString(36);

const lacks = missing();
if (lacks !== null) console.warn(`skipped: ${lacks}`);

describe.skipIf(lacks !== null)('the kit of the data lake', () => {
  let world: World;
  let learner: Learner;
  let prefix: string;
  let everybody: string;

  beforeAll(async () => {
    world = await openWorld();
    await world.up();
    learner = await world.learner(USER);
    prefix = await kitFor(world, learner);
    const { place } = world;
    everybody = ['rucio', ...place.elements.map((element) => element.host)].join(' ');
  });
  afterAll(() => learner.shell('rm -rf *.dat *.part out* tok-*'));

  /** As in a sandbox: the kit's programs first, its settings. */
  const run = (line: string): Promise<Ran> => learner.shell(`bash <<'BASH'\n${prefix}\n${line}\nBASH`);
  const keep = (name: string, token: string) => learner.shell(`printf %s '${token}' > tok-${name}`);
  const given = async (name: string, audience: string, scope: string) =>
    keep(name, (await world.provider.tokenFor(USER, audience, scope)).token);
  const withToken = (name: string, line: string) =>
    run(`export BEARER_TOKEN_FILE=$HOME/tok-${name}\n${line}`);
  const cnaf = () => world.place.elements.find((one) => one.name === 'cnaf') ?? expect.fail();

  describe('rucio', () => {
    it('is the real client: what it says and how it ends are the same', async () => {
      const sorted = 'set -o pipefail;'; // what whoami tells has no order
      const real = '"$(dirname "$(command -v rucio)")/../bin/rucio"';
      for (const words of ['--version', 'whoami', 'rse list', 'did show user.keplero:nonesuch', 'rule list'])
        expect(await run(`${sorted} rucio ${words} 2>/dev/null | sort`)).toEqual(
          await run(`${sorted} ${real} ${words} 2>/dev/null | sort`),
        );
    });

    it('uploads and downloads without a warning', async () => {
      await run(`head -c 300000 /dev/urandom > a-${N}.dat`);
      const put = await run(`rucio upload --rse CNAF_USERDISK a-${N}.dat`);
      expect([put.code, put.out]).toEqual([0, expect.not.stringContaining('Warning') as string]);
      const got = await run(
        `rucio download --dir out ${learner.scope}:a-${N}.dat && cmp a-${N}.dat out/*/a-${N}.dat`,
      );
      expect(got.code, got.out).toBe(0);
    });

    it.each([
      ['absent', () => learner.shell('rm -f tok-absent'), 'There is no token'],
      ['no token', () => keep('no-token', 'hello'), 'is not a token'],
      ['expired', () => forge('expired', { exp: seconds(-185) }), 'ended 3 minutes ago'],
      ['not yet valid', () => forge('not-yet-valid', { nbf: seconds(600) }), 'not valid before'],
      [
        'wrong issuer',
        () => forge('wrong-issuer', { iss: 'https://iam.elsewhere.org/' }),
        'iam.elsewhere.org',
      ],
      ['audience', () => given('audience', cnaf().host, OWN), 'without rucio'],
      ['scope', () => given('scope', everybody, READ), 'lacks the scope openid, profile'],
      ['forged', () => forge('forged', { exp: seconds(9000) }), 'palestra lake check'],
    ])('says why a token is refused: %s', async (name, make, word) => {
      await make();
      const { code, out } = await withToken(name.replaceAll(' ', '-'), 'rucio whoami < /dev/null');
      expect([code, out]).toEqual([1, expect.stringContaining(word) as string]);
      expect(out).toContain('palestra: ');
    });

    it.each([
      ['audience-rucio', () => given('audience-rucio', 'rucio', OWN), 'not meant for cnaf.palestra.test'],
      [
        'read-alone',
        () => given('read-alone', everybody, `openid profile ${READ}`),
        'lacks the scope storage.create',
      ],
    ])('says why an element refuses an upload, and fails: %s', async (name, make, word) => {
      await make();
      const line = `head -c 1000 /dev/urandom > ${name}-${N}.dat; rucio upload --rse CNAF_USERDISK ${name}-${N}.dat`;
      const { code, out } = await withToken(name, line);
      expect([code, out]).toEqual([1, expect.stringContaining(word) as string]);
    });

    it('says why an element refuses a download, and fails', async () => {
      await given('audience-rucio', 'rucio', OWN);
      const { code, out } = await withToken(
        'audience-rucio',
        `rucio download --dir out2 ${learner.scope}:a-${N}.dat`,
      );
      expect([code, out]).toEqual([1, expect.stringContaining('not meant for cnaf.palestra.test') as string]);
    });

    it('says that a folder of somebody else’s is not one’s own', async () => {
      const line = `head -c 1000 /dev/urandom > b-${N}.dat; rucio upload --rse CNAF_USERDISK --scope user.galileo b-${N}.dat`;
      expect((await run(line)).code).not.toBe(0);
    });

    it.each([
      ['over quota', `truncate -s 60M big-${N}.dat; rucio upload --rse CNAF_USERDISK big-${N}.dat`, 'quota'],
      ['a file that is not there', 'rucio upload --rse CNAF_USERDISK nonesuch.dat', 'No such file'],
      ['a name that is not there', 'rucio download user.keplero:nonesuch', 'None of the requested'],
      ['what is another’s', 'rucio did remove root:nonesuch', 'Failed to erase'],
      [
        'an expression that means nothing',
        `rucio rule add ${'user.keplero'}:a-${N}.dat --copies 1 --rses site=BARI`,
        'empty set',
      ],
      ['the same file again', `rucio upload --rse CNAF_USERDISK a-${N}.dat`, 'None of the given files'],
    ])('fails where the real one ends with 0 or not: %s', async (_, line, word) => {
      const { code, out } = await run(line);
      expect(code, out).not.toBe(0);
      expect(out).toContain(word);
      expect(out).not.toContain('palestra: '); // the token had nothing to do with it
    });

    it('copies over https by itself where gfal2 is not built for its Python', async () => {
      const script = [
        'import os, runpy, sys',
        'kit = os.path.dirname(os.environ["RUCIO_KIT"])',
        'sys.path.insert(0, kit + "/python")',
        'from palestra_lake import https',
        'https.stand_in_for_gfal(always=True)',
        'sys.argv = ["rucio", *sys.argv[1:]]',
        'runpy.run_path(kit + "/bin/rucio", run_name="__main__")',
      ].join('\n');
      const file = `n-${N}.dat`;
      const { code, out } = await run(
        [
          `cat > stand-in.py <<'P'\n${script}\nP`,
          `head -c 2000000 /dev/urandom > ${file}`,
          `python stand-in.py upload --rse NAPOLI_USERDISK ${file} && python stand-in.py download --dir out6 ${learner.scope}:${file}`,
          `cmp ${file} out6/*/${file} && rucio download --dir out7 ${learner.scope}:${file} && cmp ${file} out7/*/${file} && echo all the same`,
        ].join('\n'),
      );
      expect([code, out]).toEqual([0, expect.stringContaining('all the same') as string]);
    });

    it('T59 goes on with the token that came while it worked', async () => {
      await forge('renewed', { exp: seconds(-1) });
      const later = `(sleep 1.5; cp "$HOME/token" tok-new; mv tok-new tok-renewed) &`;
      const script = [
        'import sys, os, time; sys.path.insert(0, os.path.dirname(os.environ["RUCIO_KIT"]) + "/python")',
        'from palestra_lake.front import Watch, hear_answers',
        'from rucio.client.client import Client',
        'hear_answers(Watch()); client = Client(); time.sleep(3); print(client.whoami()["account"])',
      ].join('\n');
      const { code, out } = await withToken('renewed', `${later}\npython -c '${script}'; wait`);
      expect([code, out.trim()]).toEqual([0, USER]);
    });
  });

  describe('palestra lake check', () => {
    it('asks everything and finds it well', async () => {
      const { code, out } = await run('palestra lake check');
      expect(code, out).toBe(0);
      for (const row of [
        'token',
        'issuer',
        'audience',
        'scope',
        'clock',
        'certificate',
        'Rucio',
        'account',
        'quota',
      ])
        expect(out).toMatch(new RegExp(`^  ok +${row} `, 'm'));
      for (const name of ['CNAF', 'NAPOLI', 'ARCHIVE'])
        for (const verb of ['read', 'write'])
          expect(out).toMatch(new RegExp(`ok +${name}_USERDISK ${verb} `));
      expect(out).toContain('Everything is as it should be.');
    });

    it('leaves no probe behind', async () => {
      await run('palestra lake check');
      const { out } = await run(`gfal-ls -a davs://${cnaf().host}:${cnaf().port}/rucio/user/${USER}/`);
      expect(out).not.toContain('.palestra-check');
    });

    it.each([
      ['expired', () => forge('expired', { exp: seconds(-185) }), ['token']],
      ['forged', () => forge('forged', { exp: seconds(9000) }), ['issuer']],
      ['wrong-issuer', () => forge('wrong-issuer', { iss: 'https://iam.elsewhere.org/' }), ['issuer']],
      ['audience', () => given('audience', cnaf().host, OWN), ['audience']],
      ['scope', () => given('scope', everybody, READ), ['scope']],
      [
        'read-alone',
        () => given('read-alone', everybody, `openid profile ${READ}`),
        ['CNAF_USERDISK write', 'NAPOLI_USERDISK write', 'ARCHIVE_USERDISK write'],
      ],
    ])('names what is wrong, for people and programs: %s', async (name, make, wrong) => {
      await make();
      const { code, out } = await withToken(name, 'palestra lake check --json');
      const said = JSON.parse(out) as {
        ok: boolean;
        rows: { name: string; ok: boolean | null; todo: string }[];
      };
      const not = said.rows.filter((row) => row.ok === false);
      expect([code, said.ok]).toEqual([1, false]);
      for (const row of wrong) expect(not.map((one) => one.name)).toContain(row);
      for (const row of not) expect(row.todo).not.toBe('');
      expect((await withToken(name, 'palestra lake check')).out).toMatch(/NOT OK[^]*→[^]*Not well: /);
    });

    it('tells an element that is down from a token that is refused', async () => {
      await world.lake('verb', 'refuse', '--user', USER, 'element=NAPOLI_USERDISK', 'status=503');
      try {
        const { code, out } = await run('palestra lake check');
        expect(code).toBe(1);
        expect(out).toMatch(/NOT OK +NAPOLI_USERDISK write[^]*503[^]*not your token/);
        expect(out).toMatch(/ok +CNAF_USERDISK write/);
      } finally {
        await world.lake('verb', 'heal', '--user', USER);
      }
    });

    it('says so where nobody answers at Rucio’s address', async () => {
      const { code, out } = await run(
        'sed s/:[0-9]*47/:1/ "$RUCIO_CONFIG" > down.cfg; RUCIO_CONFIG=down.cfg palestra lake check',
      );
      expect(code).toBe(1);
      expect(out).toMatch(/NOT OK +Rucio +rucio.palestra.test does not answer: .*refused/);
      expect(out).toMatch(/- +account +not asked/);
    });

    it('says so where Rucio’s certificate is of nobody we know', async () => {
      const other = '/etc/ssl/certs/ca-certificates.crt';
      const line = `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout /dev/null -out other.pem -days 2 2>/dev/null; unset X509_CERT_DIR; sed 's#^ca_cert.*#ca_cert = other.pem#' "$RUCIO_CONFIG" > other.cfg; RUCIO_CONFIG=other.cfg palestra lake check # ${other}`;
      const { out } = await run(line);
      expect(out).toMatch(/NOT OK +certificate +the certificate of rucio.palestra.test is not trusted/);
    });
  });

  describe('palestra lake put and get', () => {
    /** of the files: another try has others, for a name in the lake is for ever */
    let tag = N;
    let tries = 0;
    it('put files into a dataset, once, and get them back', async () => {
      tag = tries === 0 ? N : `${N}-${tries}`;
      tries += 1;
      const make = `head -c 3000000 /dev/urandom > c-${tag}.dat; : > empty-${tag}.dat`;
      const put = `palestra lake put c-${tag}.dat empty-${tag}.dat --element CNAF_USERDISK --dataset d-${tag}`;
      expect((await run(`${make}; ${put}`)).out).toMatch(
        /3.0 MB put at CNAF_USERDISK[^]*0 B put at CNAF_USERDISK/,
      );
      const again = await run(put);
      expect(again.out.match(/is at CNAF_USERDISK already/g), again.out).toHaveLength(2);
      expect(again.code).toBe(0);
      const get = await run(
        `palestra lake get d-${tag} --to out3 && cmp c-${tag}.dat out3/d-${tag}/c-${tag}.dat`,
      );
      expect(get.code, get.out).toBe(0);
      expect((await run(`palestra lake get d-${tag} --to out3`)).out.match(/is here already/g)).toHaveLength(
        2,
      );
    });

    it('take up a download that broke off: the rest of it travels, no more', async () => {
      const file = `out3/d-${tag}/c-${tag}.dat`;
      const { code, out } = await run(
        `head -c 2000000 ${file} > ${file}.part.rest; rm ${file}; palestra lake get d-${tag} --to out3 && cmp c-${tag}.dat ${file} && ls out3/d-${tag}`,
      );
      expect([code, out]).toEqual([0, expect.not.stringContaining('.rest') as string]);
      const log = await world.lake('verb', 'log', '--user', USER, 'element=CNAF_USERDISK');
      expect(JSON.stringify(log.lines.at(-1))).toContain('206');
    });

    it('can be interrupted: what came stays, and the same words take it up', async () => {
      await run(
        `head -c 4000000 /dev/urandom > i-${N}.dat; palestra lake put i-${N}.dat --element CNAF_USERDISK`,
      );
      await world.lake('verb', 'slow', '--user', USER, 'element=CNAF_USERDISK', 'rate=200000');
      const stopped = await run(
        `timeout --preserve-status -s INT 12 palestra lake get i-${N}.dat --to out8; echo "status $?"; stat -c %s out8/*/*.rest`,
      );
      await world.lake('verb', 'heal', '--user', USER);
      expect(stopped.out).toMatch(/interrupted[^]*status 130\n[1-9]\d+\n$/);
      const { code, out } = await run(
        `palestra lake get i-${N}.dat --to out8 && cmp i-${N}.dat out8/*/i-${N}.dat && ls out8/*`,
      );
      expect([code, out]).toEqual([0, expect.not.stringContaining('.rest') as string]);
    });

    it('are not deceived by a rest that is something else', async () => {
      const file = `out3/d-${tag}/c-${tag}.dat`;
      const { code, out } = await run(
        `head -c 2000000 /dev/zero > ${file}.part.rest; rm ${file}; palestra lake get d-${tag} --to out3 && cmp c-${tag}.dat ${file}`,
      );
      expect(code, out).toBe(0);
    });

    it('finish what `rucio upload` left half done', async () => {
      await given('audience-rucio', 'rucio', OWN);
      await run(`head -c 50000 /dev/urandom > half-${N}.dat`);
      expect((await withToken('audience-rucio', `rucio upload --rse CNAF_USERDISK half-${N}.dat`)).code).toBe(
        1,
      );
      const { code, out } = await run(`palestra lake put half-${N}.dat --element CNAF_USERDISK`);
      expect([code, out]).toEqual([0, expect.stringContaining('put at CNAF_USERDISK') as string]);
      const state = async () =>
        (await learner.rows('GET', `/dids/${learner.scope}/half-${N}.dat/rules`))[0]?.['state'];
      await until(state, (one) => one === 'OK');
    });

    it('count what `rucio upload` would put there without a rule, and put again what nobody kept', async () => {
      const { code, out } = await run(`palestra lake put big-${N}.dat --element CNAF_USERDISK`);
      expect([code, out]).toEqual([1, expect.stringMatching(/insufficient quota/) as string]);
      await run(
        `head -c 1000 /dev/urandom > f-${N}.dat; palestra lake put f-${N}.dat --element CNAF_USERDISK`,
      );
      await run(`. ${ROOT}/courses/data-lake/fixtures/lake.sh; drop_my_rules f-${N}.dat`);
      const copies = async () =>
        (await learner.rest('GET', `/replicas/${learner.scope}/f-${N}.dat`)).body.includes('"pfns"');
      await until(copies, (one) => !one);
      const again = await run(`palestra lake put f-${N}.dat --element CNAF_USERDISK`);
      expect(again.code, again.out).toBe(0);
      expect(await learner.rows('GET', `/dids/${learner.scope}/f-${N}.dat/rules`)).toHaveLength(1);
    });

    it.each([
      [`echo other > c-${N}.dat; palestra lake put c-${N}.dat`, 'another file already'],
      ["echo x > 'a b.dat'; palestra lake put 'a b.dat'", 'cannot be a name in the lake'],
      ['echo x > città.dat; palestra lake put città.dat', 'cannot be a name in the lake'],
      ['truncate -s 2G sparse.dat; palestra lake put sparse.dat', 'no element has 2.1 GB left for you'],
      ['palestra lake put nonesuch', 'no such file'],
      ['palestra lake put .', 'it is a folder'],
      ['palestra lake get nonesuch', 'not found'],
      [`palestra lake get d-${N} --from ARCHIVE_USERDISK --to out4`, 'has no copy of it'],
    ])('refuse with a sentence: %s', async (line, word) => {
      const { code, out } = await run(line);
      expect([code, out]).toEqual([1, expect.stringContaining(word) as string]);
      expect(out).not.toContain('Traceback');
    });

    it('say that a copy is corrupt, and take another where there is one', async () => {
      await run(
        `head -c 400000 /dev/urandom > e-${N}.dat; palestra lake put e-${N}.dat --element CNAF_USERDISK`,
      );
      const verb = await world.lake(
        'verb',
        'corrupt',
        '--user',
        USER,
        'element=CNAF_USERDISK',
        `name=e-${N}.dat`,
      );
      expect(verb.code, JSON.stringify(verb.lines)).toBe(0);
      const { code, out } = await run(`palestra lake get e-${N}.dat --to out5`);
      expect([code, out]).toEqual([1, expect.stringContaining('another checksum') as string]);
    });
  });

  describe('other programs', () => {
    it('gfal’s find the token where everybody looks, also to copy between two elements', async () => {
      const [a, b] = world.place.elements;
      if (a === undefined || b === undefined) expect.fail();
      const at = (one: typeof a) => `davs://${one.host}:${one.port}/rucio/user/${USER}/gfal-${N}.dat`;
      const { code, out } = await run(
        `echo gfal > g.dat && gfal-copy -f g.dat ${at(a)} && gfal-copy -f ${at(a)} ${at(b)} && gfal-cat ${at(b)} && gfal-sum ${at(b)} ADLER32 && gfal-rm ${at(a)} ${at(b)}`,
      );
      expect([code, out]).toEqual([0, expect.stringMatching(/^gfal$/m) as string]);
    });

    it('xrdcp and xrdfs read over root:// with the same token', async () => {
      const root = `root://${cnaf().host}:${world.place.port + 31}`;
      const { code, out } = await run(
        `p=$(rucio replica list file --pfns user.${USER}:a-${N}.dat | head -1); p=/\${p#davs://*/}; xrdfs ${root} stat "$p" && xrdcp -f "${root}/$p" x.dat && cmp x.dat a-${N}.dat`,
      );
      expect(code, out).toBe(0);
    });

    it('uproot reads columns over https', async () => {
      const script = [
        'import os, uproot, numpy',
        `uproot.recreate("u-${N}.dat")["t"] = {"e": numpy.arange(9000.0), "x": numpy.zeros(9000)}`,
        `os.system("palestra lake put u-${N}.dat --element CNAF_USERDISK >&2")`,
        `a = os.popen("rucio replica list file --pfns user.${USER}:u-${N}.dat").read().strip().replace("davs", "https", 1)`,
        'token = open(os.environ["BEARER_TOKEN_FILE"]).read().strip()',
        'print("mean", uproot.open({a: "t"}, headers={"Authorization": "Bearer " + token})["e"].array(library="np").mean())',
      ].join('\n');
      expect((await run(`python - <<'P'\n${script}\nP`)).out).toContain('mean 4499.5');
    });
  });

  describe('lake.sh of the lessons', () => {
    const sh = (line: string) => run(`. ${ROOT}/courses/data-lake/fixtures/lake.sh\n${line}`);

    it('knows names, copies and what really lies at an element', async () => {
      const { out } = await sh(
        [
          `type_of d-${N}`,
          `type_of nonesuch || echo none`,
          `files_in d-${N} | jq -s length`,
          `copies_at d-${N} CNAF_USERDISK`,
          `copies_at d-${N} NAPOLI_USERDISK`,
          `[ "$(checksum_at a-${N}.dat CNAF_USERDISK)" = "$(checksum_of a-${N}.dat)" ] && echo same`,
          `size_at a-${N}.dat CNAF_USERDISK`,
          `stat_at a-${N}.dat NAPOLI_USERDISK || echo none`,
          `meta_of a-${N}.dat bytes`,
        ].join('\n'),
      );
      expect(out.trim().split('\n')).toEqual([
        'DATASET',
        'none',
        '2',
        '2',
        '0',
        'same',
        '300000',
        'none',
        '300000',
      ]);
    });

    it('follows a rule of one’s own to OK, and drops it so that it can be made again', async () => {
      const { out } = await sh(
        [
          `my_rule d-${N} NAPOLI_USERDISK || echo none`,
          `add() { rucio rule add user.${USER}:d-${N} --copies 1 --rses NAPOLI_USERDISK --lifetime 86400; }`,
          'id=$(add); r=$(rule "$id"); [ "$(id_of "$r")" = "$id" ] && echo same',
          'left=$(seconds_left "$r"); [ "$left" -gt 86000 ] && echo a day',
          'for i in $(seq 100); do r=$(rule "$id"); [ "$(state_of "$r")" = OK ] && break; sleep 0.3; done',
          'done_of "$r"; why "$r"; copies_of "$r"',
          `seconds_left "$(my_rule d-${N} CNAF_USERDISK)"`,
          `rules_of d-${N} | jq -s length`,
          `drop_my_rules d-${N} NAPOLI_USERDISK; my_rule d-${N} NAPOLI_USERDISK || echo none`,
          'add > /dev/null && echo again',
        ].join('\n'),
      );
      expect(out.trim().split('\n')).toEqual([
        ...['none', 'same', 'a day', '2', 'The rule is OK.', '1', 'never', '2', 'none', 'again'],
      ]);
    });

    it('knows the quota, and forgets a name', async () => {
      const { out } = await sh(
        `echo $(( $(used_at CNAF_USERDISK) + $(left_at CNAF_USERDISK) )); forget u-${N}.dat; did u-${N}.dat || echo none`,
      );
      expect(out.trim().split('\n')).toEqual(['50000000', 'none']);
    });

    it('ends with a sentence where it could not ask, and never passes for an answer', async () => {
      await forge('expired', { exp: seconds(-1) });
      const refused = await withToken(
        'expired',
        `. ${ROOT}/courses/data-lake/fixtures/lake.sh\ndid x; echo went on`,
      );
      expect([refused.code, refused.out]).toEqual([
        1,
        expect.stringContaining('refused the token') as string,
      ]);
      const down = await run(
        `export LAKE_RUCIO=https://rucio.palestra.test:1\n. ${ROOT}/courses/data-lake/fixtures/lake.sh\nx=$(did x) || { echo "$x"; exit 1; }; echo went on`,
      );
      expect([down.code, down.out]).toEqual([1, expect.stringContaining('Rucio does not answer') as string]);
      expect(refused.out + down.out).not.toContain('went on');
    });

    it('T57 shows the token to no other program', async () => {
      const { out } = await sh(
        `(for i in $(seq 40); do ps axww -o args; sleep 0.02; done > seen.txt) & for i in 1 2 3 4 5; do did a-${N}.dat > /dev/null; stat_at a-${N}.dat CNAF_USERDISK > /dev/null; done; wait; grep -c curl seen.txt; grep -c "$(cat "$BEARER_TOKEN_FILE")" seen.txt`,
      );
      const [seen = '0', tokens = ''] = out.trim().split('\n');
      expect(Number(seen)).toBeGreaterThan(0);
      expect(tokens).toBe('0');
    });
  });

  /** The learner's own token with other claims: its signature is no longer right, and what it says is what is told. */
  function forge(name: string, claims: object): Promise<Ran> {
    const [header = '', middle = '', signature = ''] = learner.token.split('.');
    const said = { ...(JSON.parse(Buffer.from(middle, 'base64url').toString()) as object), ...claims };
    const changed = Buffer.from(JSON.stringify(said)).toString('base64url');
    return keep(name, [header, changed, signature].join('.'));
  }
});

function seconds(from: number): number {
  return Math.floor(Date.now() / 1000) + from;
}

/** @returns lines of shell after which the kit's programs and settings are there, for this lake's ports */
async function kitFor(world: World, learner: Learner): Promise<string> {
  const state = process.env['PALESTRA_KITS'] ?? resolve(ROOT, '.palestra');
  const kits = await createLocalKits({
    root: resolve(ROOT, 'infra/kits'),
    state,
    log: pino({ level: 'silent' }),
  });
  await kits.ready('lake');
  const { folder, env = {} } = kits.use('lake');
  await kits.close();
  const kit = kitAt(folder, env);
  const base = String(world.place.port).slice(0, 3);
  await learner.shell(`sed 's/:314/:${base}/' ${kit.env['RUCIO_CONFIG']} > kit.cfg`);
  const variables = Object.entries({ ...kit.env, RUCIO_ACCOUNT: learner.user, PALESTRA_USER: learner.user });
  return [
    'unset RUCIO_HOME PYTHONWARNINGS',
    ...variables.map(([name, value]) => `export ${name}='${value}'`),
    `export RUCIO_CONFIG="$HOME/kit.cfg" RUCIO_KIT='${folder}/bin' PALESTRA_LAKE_RUCIO=https://${world.place.rucio.host}:${world.place.rucio.port}`,
    `export PATH='${kit.path.join(':')}':"$PATH"`,
  ].join('\n');
}
