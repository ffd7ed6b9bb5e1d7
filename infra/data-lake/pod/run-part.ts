/** One part of the lake as a container: the same start as `up`, then looked after until it is told to end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { sentenceOf } from '../../machine/sentence.ts';
import { logOf, type Part } from '../part.ts';
import type { LakePlace } from '../place.ts';
import { startPart } from '../start-part.ts';

const LOOK_MS = 5_000;
/** a busy machine is late with an answer now and then: only what stays ill is started anew */
const ILL = 3;

export interface RunPart {
  readonly place: LakePlace;
  readonly part: Part;
  /** where the kubelet asks how it is: 200 or 503, with what was found */
  readonly healthPort: number;
  readonly signal: AbortSignal;
}

/** Resolves once it was told to end and has. @throws Error with its last words where it cannot be started */
export async function runPart({ place, part, healthPort, signal }: RunPart): Promise<void> {
  await part.start();
  const health = answerHealth(part, healthPort);
  const words = await followLogs(place);
  try {
    await lookAfter(place, part, signal);
  } finally {
    health.close();
    health.closeAllConnections();
    await part.stop();
    words.kill('SIGTERM');
  }
}

async function lookAfter(place: LakePlace, part: Part, signal: AbortSignal): Promise<void> {
  for (let ill = 0; await waited(signal);) {
    const { ok, found } = await part.health();
    ill = ok ? 0 : ill + 1;
    if (ill < ILL) continue;
    process.stdout.write(`${part.name} is started anew: ${found}\n`);
    // what is dead is started beside what lives; only what lives and does not answer is ended first
    await startPart(place, part, 0);
    ill = 0;
  }
}

/** @returns false when it is over */
async function waited(signal: AbortSignal): Promise<boolean> {
  await delay(LOOK_MS, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return !signal.aborted;
}

function answerHealth(part: Part, port: number) {
  const server = createServer((_, response) => {
    part.health().then(
      ({ ok, found }) => response.writeHead(ok ? 200 : 503).end(`${found}\n`),
      (error: unknown) => response.writeHead(503).end(`${sentenceOf(error)}\n`),
    );
  });
  return server.listen(port);
}

/** The logs of its servers as this container's own words, for `kubectl logs`. */
async function followLogs(place: LakePlace) {
  const names = (await readdir(place.folders.run)).filter((name) => name.endsWith('.json'));
  const files = names.map((name) => logOf(place, name.slice(0, -'.json'.length)));
  const tail = spawn('tail', ['--quiet', '--lines=0', '-F', ...files], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await once(tail, 'spawn');
  return tail;
}
