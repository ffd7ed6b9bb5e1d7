/** A terminal in which a program counts, followed as a page does: again from the last byte whenever the socket goes. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { TerminalClient } from '../../../sandbox-server/sandboxes/link/terminal-client.ts';
import type { Learner } from '../../world/learner.ts';

export interface Counting {
  /** the last number seen */
  readonly now: number;
  /** how often it had to come again */
  readonly returns: number;
  /** the longest time without a socket, ms */
  readonly longest: number;
  /** numbers in the order of their bytes */
  numbers(): readonly number[];
  close(): Promise<void>;
}

/** a page gives up asking later than that; a new server is ready in seconds */
const PATIENCE_MS = 60_000;

export async function startCounting(url: string, who: Learner, lab: string): Promise<Counting> {
  let over = false;
  let client = await attach(url, who, lab, 0);
  const seen: Buffer[] = [];
  let returns = 0;
  let longest = 0;
  // what clears the screen stands in front of the first line
  client.type('clear; echo; i=0; while true; do echo "n=$i."; i=$((i+1)); sleep 0.05; done\r');
  const all = () => Buffer.concat([...seen, client.bytes]).toString();
  const numbers = () => [...all().matchAll(/^n=(\d+)\.\r?$/gm)].map(([, digits]) => Number(digits));
  const follow = async (): Promise<void> => {
    while (!over) {
      await client.until(() => client.closed !== null || over, 'a close', 600_000);
      if (over) return;
      const gone = Date.now();
      seen.push(client.bytes);
      client = await again(url, who, lab, client.offset);
      returns += 1;
      longest = Math.max(longest, Date.now() - gone);
    }
  };
  const following = follow();
  return {
    get now() {
      return numbers().at(-1) ?? -1;
    },
    get returns() {
      return returns;
    },
    get longest() {
      return longest;
    },
    numbers,
    async close() {
      over = true;
      client.cut();
      await following;
    },
  };
}

async function again(url: string, who: Learner, lab: string, from: number): Promise<TerminalClient> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attach(url, who, lab, from);
    } catch (error) {
      // whatever a proxy answers while one replica goes and the other comes
      if (Date.now() > until) throw error;
      await sleep(100);
    }
  }
}

async function attach(url: string, who: Learner, lab: string, from: number): Promise<TerminalClient> {
  const { protocols, headers } = await who.ticket(lab, '1');
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/labs/${lab}/terminals/1`, protocols, {
    headers,
  });
  const client = new TerminalClient(socket, { from });
  await once(socket, 'open');
  client.hello();
  await client.until(() => client.welcome !== null, 'a welcome');
  return client;
}
