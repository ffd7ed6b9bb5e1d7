/** Whether an agent answers at all: any HTTP reply will do (without a ticket it is a 401). */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentAddress } from '../driver.ts';
import { connector } from '../link/dial.ts';

/** @returns true once something at this address speaks HTTP (and has its certificate); false where nothing did within `ms` */
export function answers(address: AgentAddress, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const createConnection = connector(address);
    const ask = request({ createConnection, path: '/v1/status', timeout: ms }, (reply) => {
      reply.destroy();
      resolve(reply.statusCode !== undefined);
    });
    ask.on('timeout', () => ask.destroy());
    ask.on('error', () => resolve(false));
    ask.on('close', () => resolve(false));
    ask.end();
  });
}

/**
 * Waits for a starting agent.
 * @param gone rejects (with the reason) when its process ended; it wins over waiting longer
 */
export async function untilAnswers(address: AgentAddress, ms: number, gone: Promise<never>): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await Promise.race([answers(address, Math.max(1, deadline - Date.now())), gone]))) {
    if (Date.now() >= deadline) throw new Error(`the agent did not answer within ${ms} ms`);
    await Promise.race([delay(20), gone]);
  }
}
