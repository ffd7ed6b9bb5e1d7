/** One snapshot from a sandbox into the store: numbered, streamed, checked, and only then written down as the newest. */
import { pipeline } from 'node:stream';
import { Problem } from '../contract/errors.ts';
import type { SnapshotSummary } from '../contract/agent.ts';
import type { HomeIn, SandboxLink } from '../sandboxes/kept-homes.ts';
import type { HomesContext } from './context.ts';
import { meter, onceStalled } from './meter.ts';
import { isCode } from './outcome.ts';
import type { Held, NewSnapshot } from './records.ts';
import { pruneHome } from './retention.ts';

/** headers of tar, and a stream that does not compress */
const OVERHEAD = 1.02;
const HEADER = 2048;
/** names tried where a key is taken: a database that was set back gives numbers a second time */
const TRIES = 20;

/** @returns null: the home is another sandbox's by now, nothing was kept */
export async function saveOnce(
  context: HomesContext,
  home: HomeIn,
  { generation }: Held,
  link: SandboxLink,
  signal?: AbortSignal,
): Promise<NewSnapshot | null> {
  for (let tries = 1; ; tries += 1) {
    const number = await context.records.number(home, generation);
    if (number === null) return stale(context, home, generation);
    const key = keyOf(home.lab, generation, number);
    try {
      const stored = await stream(context, key, link, signal);
      const snapshot: NewSnapshot = { generation, number, key, at: context.clock(), ...stored };
      if (await context.records.commit(home, snapshot)) return await kept(context, home, snapshot);
      await context.objects.remove(key);
      return stale(context, home, generation);
    } catch (error) {
      if (!isCode(error, 'conflict') || tries >= TRIES || !isTaken(error)) throw error;
      context.log.warn({ lab: home.lab, key }, 'a saved home of this number is there already');
    }
  }
}

/** By generation and number, so that a list of keys is in the order of what is newest. */
function keyOf(lab: string, generation: number, number: number): string {
  const digits = (n: number): string => String(n).padStart(8, '0');
  return `${lab}/${digits(generation)}-${digits(number)}.tar.zst`;
}

interface Stored {
  readonly size: number;
  readonly sha256: string;
  readonly summary: SnapshotSummary;
}

async function stream(
  { objects, bounds, stallMs }: HomesContext,
  key: string,
  link: SandboxLink,
  signal?: AbortSignal,
): Promise<Stored> {
  const snapshot = await link.snapshot(bounds, signal);
  let summary: SnapshotSummary | null = null;
  // checked before the store is told that it has all: what is not whole never gets its name
  const counted = meter(bounds.bytes * OVERHEAD + bounds.entries * HEADER + LOGS, () => {
    summary = snapshot.summary();
    if (summary.bytes > bounds.bytes)
      throw new Problem('agent-misbehaved', 'The sandbox sent too large a home.');
  });
  pipeline(snapshot.body, counted.stream, () => undefined); // its failure is the stream's, which the store reads
  using _ = onceStalled(counted.bytes, stallMs, () => {
    counted.stream.destroy(new Problem('timeout', 'Saving this home stood still, and was given up.'));
  });
  const size = await objects.put(key, counted.stream, signal);
  if (summary === null) throw new Problem('agent-misbehaved', 'The sandbox sent a home without its end.');
  return { size, sha256: counted.sha256(), summary };
}
/** agent/homes/logs.ts */
const LOGS = 128 * 1024 * 1024;

async function kept(context: HomesContext, home: HomeIn, snapshot: NewSnapshot): Promise<NewSnapshot> {
  const { number, generation, size, summary } = snapshot;
  context.log.info(
    {
      lab: home.lab,
      sandbox: home.sandbox,
      generation,
      number,
      size,
      files: summary.files,
      bytes: summary.bytes,
      leftOut: summary.leftOut.count,
      unsteady: summary.unsteady.count,
    },
    'a home was saved',
  );
  // what is old may stay a while longer: it is tried again after the next save
  await pruneHome(context, home.lab).catch((error: unknown) => {
    context.log.warn({ lab: home.lab, err: error }, 'old copies of a home could not be removed');
  });
  return snapshot;
}

function stale({ log }: HomesContext, home: HomeIn, generation: number): null {
  log.warn({ ...home, generation }, 'a home was not saved: it belongs to another sandbox by now');
  return null;
}

/** The store's own `conflict`; the agent's means that its home is not whole. */
function isTaken(error: Problem): boolean {
  return error.details?.['taken'] === true;
}
