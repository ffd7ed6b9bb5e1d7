/** Whether an agent answers at all: any HTTP reply will do (without a ticket it is a 401). */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** @returns true once something at this socket speaks HTTP; false where nothing did within `ms` */
export function answers(socketPath: string, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const ask = request({ socketPath, path: '/v1/status', timeout: ms, agent: false }, (reply) => {
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
export async function untilAnswers(socketPath: string, ms: number, gone: Promise<never>): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await Promise.race([answers(socketPath, Math.max(1, deadline - Date.now())), gone]))) {
    if (Date.now() >= deadline) throw new Error(`the agent did not answer within ${ms} ms`);
    await Promise.race([delay(20), gone]);
  }
}
