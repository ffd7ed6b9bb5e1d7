/** One file from one element to another, as gfal2 does it: look at both, make room, COPY, look again. */
import { asksSource, asksTarget, type Verify } from '../jobs/checksum.ts';
import { ModeUnsupported, runCopy, type CopyPatience, type Copying } from './active.ts';
import { createElements, type Elements, type Patience, type Place, type Stat } from './element.ts';
import { ERRNO, failure, TransferFailure } from './failure.ts';
import { refuseEnded } from './token-life.ts';
import type { Web } from './web.ts';

export interface Order {
  readonly source: { readonly url: URL; readonly token: string | null };
  readonly destination: { readonly url: URL; readonly token: string | null };
  /** adler32 that the submitter knows */
  readonly checksum: string | null;
  /** bytes that the submitter knows */
  readonly size: number | null;
  readonly verify: Verify;
  readonly overwrite: boolean;
  /**
   * An earlier attempt, or another job for this very file, may have put it there: if it is right, that is all; if it
   * is not, it is ours to remove.
   */
  readonly ours: boolean;
}
export interface Watching {
  readonly signal: AbortSignal;
  /** Called, and waited for, before the first byte may be written. */
  readonly onWriting: () => Promise<void>;
  readonly onBytes: (bytes: number) => void;
}
export interface Arrived {
  readonly size: number;
  /** false: it was there already */
  readonly copied: boolean;
}

export interface Copier {
  /** @throws TransferFailure; the signal's reason where it was aborted (the destination is then left as it is) */
  copy(order: Order, watching: Watching): Promise<Arrived>;
  /** Removes what a canceled or failed attempt left. @throws TransferFailure */
  remove(destination: Order['destination'], signal: AbortSignal): Promise<void>;
}

export function createCopier(
  web: Web,
  patience: Patience & CopyPatience,
  now: () => number = Date.now,
): Copier {
  const elements = createElements(web, patience);
  return {
    async copy(order, watching) {
      const source: Place = { ...order.source, scope: 'SOURCE' };
      const destination: Place = { ...order.destination, scope: 'DESTINATION' };
      for (const place of [source, destination]) refuseEnded(place, now());
      const [from, there] = await lookAtBoth(elements, source, destination, watching.signal);
      checkSource(order, from);
      if (there !== null && order.ours && isRight(order, from, there))
        return { size: there.size, copied: false };
      await makeRoom(elements, order, destination, there, watching.signal);
      await watching.onWriting();
      try {
        await copyEitherWay(
          web,
          { source, destination, overwrite: order.overwrite || order.ours, ...watching },
          patience,
        );
        await checkArrived(elements, order, from, destination, watching.signal);
      } catch (error) {
        if (!watching.signal.aborted) await removeRemains(elements, destination, watching.signal);
        throw error;
      }
      return { size: from.size, copied: true };
    },
    remove: (destination, signal) => elements.remove({ ...destination, scope: 'DESTINATION' }, signal),
  };
}

/** At once, for an element far away; where both fail, the source's reason is the one that is told. */
async function lookAtBoth(
  elements: Elements,
  source: Place,
  destination: Place,
  signal: AbortSignal,
): Promise<readonly [Stat, Stat | null]> {
  const [from, there] = await Promise.allSettled([
    elements.stat(source, signal),
    elements.stat(destination, signal),
  ]);
  if (from.status === 'rejected') throw from.reason as Error;
  if (from.value === null) throw failure('SOURCE', ERRNO.notFound, 'SOURCE HTTP 404 : File not found', false);
  if (there.status === 'rejected') throw there.reason as Error;
  return [from.value, there.value];
}

function checkSource(order: Order, from: Stat): void {
  if (order.size !== null && order.size !== from.size)
    throw failure(
      'SOURCE',
      ERRNO.invalid,
      `User-defined and source file sizes do not match (${order.size} != ${from.size})`,
      false,
    );
  if (!asksSource(order.verify) || order.checksum === null) return;
  if (from.adler32 === null) throw noChecksum('SOURCE', order.source.url);
  if (from.adler32 !== order.checksum)
    throw mismatch(
      'SOURCE',
      `User-defined and source ADLER32 checksum do not match (${order.checksum} != ${from.adler32})`,
      false,
    );
}

/** The same bytes, as far as anybody can tell without reading them: size and a checksum, never the size alone. */
function isRight(order: Order, from: Stat, there: Stat): boolean {
  const expected = order.checksum ?? from.adler32;
  return expected !== null && there.size === from.size && there.adler32 === expected;
}

async function makeRoom(
  elements: Elements,
  order: Order,
  destination: Place,
  there: Stat | null,
  signal: AbortSignal,
): Promise<void> {
  if (there === null) return elements.makeParents(destination, signal);
  if (!order.overwrite && !order.ours) throw exists(there);
  await elements.remove(destination, signal);
}

/** Rucio looks for these very words, and at `found`, to see that a file which exists is the right one. */
function exists(there: Stat): TransferFailure {
  return new TransferFailure(
    `DESTINATION [${ERRNO.exists}] Destination file exists and overwrite is not enabled`,
    false,
    { found: there },
  );
}

/** The destination fetches; where it cannot, the source sends. */
async function copyEitherWay(web: Web, copying: Copying, patience: CopyPatience): Promise<void> {
  try {
    await runCopy(web, 'pull', copying, patience);
  } catch (error) {
    if (!(error instanceof ModeUnsupported)) throw error;
    await pushed(web, copying, patience, error);
  }
}

async function pushed(
  web: Web,
  copying: Copying,
  patience: CopyPatience,
  first: ModeUnsupported,
): Promise<void> {
  try {
    await runCopy(web, 'push', copying, patience);
  } catch (error) {
    if (!(error instanceof ModeUnsupported)) throw error;
    throw failure(
      'TRANSFER',
      ERRNO.invalid,
      `Neither element does third-party copies (pull: ${first.message}, push: ${error.message})`,
      false,
    );
  }
}

async function checkArrived(
  elements: Elements,
  order: Order,
  from: Stat,
  destination: Place,
  signal: AbortSignal,
): Promise<void> {
  const there = await elements.stat(destination, signal);
  if (there === null)
    throw failure(
      'DESTINATION',
      ERRNO.notFound,
      'The element said that the copy succeeded, and the file is not there',
      true,
    );
  if (there.size !== from.size)
    throw failure(
      'DESTINATION',
      ERRNO.io,
      `Source and destination file sizes do not match (${from.size} != ${there.size})`,
      true,
    );
  if (!asksTarget(order.verify)) return;
  compareArrived(order, from, there);
}

function compareArrived(order: Order, from: Stat, there: Stat): void {
  if (order.checksum !== null) {
    if (there.adler32 === null) throw noChecksum('DESTINATION', order.destination.url);
    if (there.adler32 !== order.checksum)
      throw mismatch(
        'DESTINATION',
        `User-defined and destination ADLER32 checksum do not match (${order.checksum} != ${there.adler32})`,
        true,
      );
  } else if (
    asksSource(order.verify) &&
    from.adler32 !== null &&
    there.adler32 !== null &&
    from.adler32 !== there.adler32
  )
    // these are the words of Rucio's pattern for suspicious files
    throw mismatch(
      'TRANSFER',
      `Source and destination checksums do not match (ADLER32 ${from.adler32} != ${there.adler32})`,
      true,
    );
}

function mismatch(
  scope: 'SOURCE' | 'DESTINATION' | 'TRANSFER',
  text: string,
  retry: boolean,
): TransferFailure {
  return new TransferFailure(`${scope} CHECKSUM MISMATCH ${text}`, retry);
}
function noChecksum(scope: 'SOURCE' | 'DESTINATION', url: URL): TransferFailure {
  return failure(scope, ERRNO.io, `${url.host} gave no ADLER32 checksum to compare with`, false);
}

/** Half a file under its final name would be taken for the file. The reason of the failure is what is told. */
async function removeRemains(elements: Elements, destination: Place, signal: AbortSignal): Promise<void> {
  try {
    await elements.remove(destination, signal);
  } catch (error) {
    if (!(error instanceof TransferFailure) && !signal.aborted) throw error;
  }
}
