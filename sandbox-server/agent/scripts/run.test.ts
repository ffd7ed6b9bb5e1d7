/** Checks, setups and answers as the real agent runs them. */
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult, RunScript } from '../../contract/agent.ts';
import { startAgent } from '../testing/start-agent.ts';
import type { StartedAgent } from '../testing/start-agent.ts';

let agent: StartedAgent;
beforeAll(async () => {
  agent = await startAgent({ config: { path: ['/opt/kit/bin'], reaper: ['tini', '-s', '--'] } });
});
afterAll(async () => {
  expect(agent.said()).toBe('');
  await agent.stop();
});
const run = (code: string, over: Partial<RunScript> = {}): Promise<RunResult> =>
  agent.link.run({ lang: 'bash', code, timeout: 10, fixtures: [], env: {}, ...over });
const fixture = (path: string, content: string) => ({
  path,
  content: Buffer.from(content).toString('base64'),
  executable: false,
});

describe('run', () => {
  it('finds a clean environment, the home, and nothing of the agent', async () => {
    const { stdout, exit } = await run('env | cut -d= -f1 | sort | tr "\\n" " "; pwd; echo "$PATH"');
    expect(exit).toBe(0);
    expect(stdout.replace(agent.home, 'HOME')).toBe(
      'BEARER_TOKEN_FILE HOME LANG LOGNAME PALESTRA_COMMANDS PALESTRA_FIXTURES PALESTRA_SEED PALESTRA_USER PATH PWD SHLVL USER _ HOME\n/opt/kit/bin:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin\n',
    );
  });

  it('has its fixtures only while it runs', async () => {
    const { stdout } = await run('. "$PALESTRA_FIXTURES/deep/lib.sh"; hello; echo "$PALESTRA_FIXTURES"', {
      fixtures: [fixture('deep/lib.sh', 'hello() { echo from fixture; }')],
    });
    expect(stdout).toContain('from fixture');
    await expect(fs.stat(stdout.trim().split('\n').at(-1) ?? '')).rejects.toThrow('ENOENT');
  });

  it('speaks bash, sh and isolated Python', async () => {
    expect((await run('echo ${BASH_VERSION:+bash}')).stdout).toBe('bash\n');
    expect((await run('echo ${BASH_VERSION:-sh}', { lang: 'sh' })).stdout).toBe('sh\n');
    await fs.writeFile(join(agent.home, 'json.py'), 'raise SystemExit("the learner\'s own json")');
    expect(
      await run('import sys, json\nprint(sys.flags.isolated, json.dumps(1))', { lang: 'python' }),
    ).toMatchObject({ exit: 0, stdout: '1 1\n' });
  });

  it('tells exit status, signal and both outputs', async () => {
    expect(await run('echo out; echo err >&2; exit 75')).toMatchObject({
      exit: 75,
      stdout: 'out\n',
      stderr: 'err\n',
      timedOut: false,
    });
    expect((await run('kill -TERM $$')).exit).toBe(143);
    expect((await run('exec /nowhere')).exit).toBe(127);
  });

  it('ends the whole group when its time is over', async () => {
    const mark = `sleep 98${process.pid % 1000}.5`;
    const result = await run(`${mark} & ${mark}`, { timeout: 0.3 });
    expect(result).toMatchObject({ exit: 124, timedOut: true });
    await wait(50);
    expect((await run(`pgrep -fc '^${mark}' || true`)).stdout).toBe('0\n');
  });

  it('does not wait for what it left running in the background', async () => {
    const result = await run('sleep 4.125 & echo done');
    expect(result).toMatchObject({ exit: 0, stdout: 'done\n' });
    expect(result.ms).toBeLessThan(3500);
  });

  it('keeps the last 64 KiB of each output, whatever is printed', async () => {
    const { stdout, stderr } = await run(
      'head -c 50000000 /dev/zero | tr "\\0" x; echo THE-END; head -c 100000 /dev/zero | tr "\\0" y >&2',
    );
    expect(stdout.length).toBe(64 * 1024);
    expect(stdout.endsWith('xTHE-END\n')).toBe(true);
    expect(stderr).toBe('y'.repeat(64 * 1024));
  });

  it('may be asked for several at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        run(`sleep 0.1; cat "$PALESTRA_FIXTURES/n"; exit ${i}`, { fixtures: [fixture('n', `${i}`)] }),
      ),
    );
    expect(results.map(({ exit, stdout }) => [exit, stdout])).toEqual(
      Array.from({ length: 8 }, (_, i) => [i, `${i}`]),
    );
  });

  it('is the first to go when memory ends (finding 12)', async () => {
    expect((await run('cat /proc/self/oom_score_adj')).stdout).toBe('500\n');
  });

  it('is ended when whoever asked has gone', async () => {
    const mark = `sleep 97${process.pid % 1000}.5`;
    const gone = new AbortController();
    const asked = agent.link.run(
      { lang: 'bash', code: mark, timeout: 60, fixtures: [], env: {} },
      gone.signal,
    );
    await wait(200);
    gone.abort();
    await expect(asked).rejects.toMatchObject({ code: 'timeout' });
    await wait(200);
    expect((await run(`pgrep -fc '^${mark}' || true`)).stdout).toBe('0\n');
  });

  it('reads nothing from a terminal or a parent', async () => {
    expect((await run('read -r line || echo nothing')).stdout).toBe('nothing\n');
  });
});
