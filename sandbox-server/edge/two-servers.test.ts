/** Two whole servers on one PostgreSQL with real agents: what a browser notices when one of them goes. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Lab } from '../contract/lab.ts';
import { CLOSE } from '../contract/terminal.ts';
import { checkFence, course, lesson, step } from '../labs/testing/courses.ts';
import { until } from '../replicas/testing/servers.ts';
import { TerminalClient } from '../sandboxes/link/terminal-client.ts';
import { onPostgres } from '../store/testing/store.ts';
import { twoServers, type WholeServer } from './testing/two-servers.ts';

const COURSE = course([
  lesson('one', [
    step('a', { checks: [checkFence('[ -e ~/done.txt ] || { echo "Not yet."; exit 1; }; echo Done.')] }),
  ]),
]);

async function ready(server: WholeServer, as: string): Promise<Lab> {
  const body = { course: 'tiny', lesson: 'one' };
  const { json, status } = await server.ask('/api/labs', { as, method: 'POST', body });
  expect(status).toBeLessThan(300);
  return until(async () => {
    const lab = (await server.ask(`/api/labs/${(json as Lab).id}`, { as })).json as Lab;
    expect(lab.state).toBe('ready');
    return lab;
  }, 40_000);
}

describe.runIf(onPostgres)('two whole servers', { timeout: 120_000 }, () => {
  it('F2 one is stopped while a program prints: the same shell goes on at the other, byte for byte', async () => {
    await using pair = await twoServers(['ada'], [COURSE]);
    const { a, b } = pair;
    const lab = await ready(b, 'ada');
    const before = new TerminalClient(await a.terminal('ada', lab.id));
    before.hello();
    await before.until(() => before.welcome !== null, 'a welcome');
    const pid = /PID=(\d+)/.exec(await before.run('echo PID=$$'))?.[1];
    before.type(
      'for i in $(seq 1 3000); do echo line $i; [ $((i % 100)) = 0 ] && sleep 0.02; done; echo THE-END\r',
    );
    await before.untilText('line 500\r\n');
    const closed = once(before.socket, 'close') as Promise<[number]>;
    const stopping = a.stop();
    expect((await closed)[0]).toBe(CLOSE.restarting);
    // while the first still hands the lead on
    const after = new TerminalClient(await b.terminal('ada', lab.id), { from: before.offset });
    after.hello();
    await after.untilText('THE-END\r\n');
    await stopping;
    const lines =
      Buffer.concat([before.bytes, after.bytes])
        .toString()
        .match(/line \d+\r\n/g) ?? [];
    expect(lines).toEqual(Array.from({ length: 3000 }, (_, i) => `line ${String(i + 1)}\r\n`));
    expect(await after.run('echo PID=$$')).toContain(`PID=${String(pid)}`);
    // and the lab's checks run at the other from now on
    await after.run('touch ~/done.txt');
    await until(async () => {
      const { json } = await b.ask('/api/courses/tiny/progress', { as: 'ada' });
      expect(json).toMatchObject({ steps: [{ state: 'done' }] });
    }, 40_000);
    await after.close();
  });

  it('T3 a ticket opens one socket, wherever it was issued and wherever it is tried; T29 nobody else’s lab at either', async () => {
    await using pair = await twoServers(['ada', 'bob'], [COURSE]);
    const { a, b } = pair;
    const lab = await ready(a, 'ada');
    const ticket = await a.ticket('ada', lab.id);
    const socket = await b.terminal('ada', lab.id, a, ticket);
    for (const server of [a, b])
      await expect(server.terminal('ada', lab.id, a, ticket)).rejects.toThrow(/40[134]/);
    socket.terminate();
    for (const server of [a, b]) {
      const foreign = await server.ask(`/api/labs/${lab.id}`, { as: 'bob' });
      const nobodys = await server.ask(`/api/labs/${'z'.repeat(20)}`, { as: 'bob' });
      expect([foreign.status, foreign.body]).toEqual([404, nobodys.body]);
      await expect(server.terminal('bob', lab.id, a, await a.ticket('ada', lab.id))).rejects.toThrow(
        /40[134]/,
      );
    }
  });

  it('a file saved at the one is read at the other; a lab ended at the one closes the terminal at the other', async () => {
    await using pair = await twoServers(['ada'], [COURSE]);
    const { a, b } = pair;
    const lab = await ready(a, 'ada');
    const terminal = await b.terminal('ada', lab.id);
    const closed = once(terminal, 'close') as Promise<[number]>;
    const file = `/api/labs/${lab.id}/files/content?path=note.txt`;
    const headers = { 'if-none-match': '*', 'content-type': 'application/octet-stream' };
    const saved = await a.ask(file, { as: 'ada', method: 'PUT', headers, body: Buffer.from('kept') });
    expect(saved.status).toBeLessThan(300);
    expect((await b.ask(file, { as: 'ada' })).body).toBe('kept');
    expect((await b.ask(`/api/labs/${lab.id}`, { as: 'ada', method: 'DELETE' })).status).toBeLessThan(300);
    expect((await closed)[0]).toBe(CLOSE.ended);
    expect((await a.ask(file, { as: 'ada' })).status).toBeGreaterThanOrEqual(400);
  });
});
