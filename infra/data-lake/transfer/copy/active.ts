/** The COPY itself: one element is asked to fetch from, or to send to, the other. Bytes never pass through us. */
import type { IncomingMessage } from 'node:http';
import { elementOf } from '../jobs/addresses.ts';
import { authorization, type Place } from './element.ts';
import { ERRNO, failedCopy, failure, refused, TransferFailure, unreachable } from './failure.ts';
import { createMarkerParser, createProgress, type MarkerParser, type Said } from './markers.ts';
import type { Web } from './web.ts';

export type Mode = 'pull' | 'push';

export interface CopyPatience {
  /** ms until the active element answers at all: it may open the other side first */
  readonly beginMs: number;
  /** ms without any marker */
  readonly silenceMs: number;
  /** ms in which markers come and no byte moves */
  readonly standstillMs: number;
}
export interface Copying {
  readonly source: Place;
  readonly destination: Place;
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** The active element does not know this way of copying: the other way may do. */
export class ModeUnsupported extends Error {}

/** @throws TransferFailure; ModeUnsupported before anything was written */
export async function runCopy(web: Web, mode: Mode, copying: Copying, patience: CopyPatience): Promise<void> {
  const active = mode === 'pull' ? copying.destination : copying.source;
  const where = elementOf(active.url);
  const answer = await begin(web, mode, copying, patience.beginMs);
  const status = answer.statusCode ?? 0;
  if (status !== 201 && status !== 202 && status !== 200) throw await refusal(answer, status, where);
  try {
    await follow(answer, copying, patience, where);
  } catch (error) {
    copying.signal.throwIfAborted();
    throw unreachable('TRANSFER', error, where);
  } finally {
    // whoever stops listening ends the copy: the element notices at its next marker
    answer.destroy();
  }
}

async function begin(web: Web, mode: Mode, copying: Copying, patienceMs: number): Promise<IncomingMessage> {
  const [active, passive] =
    mode === 'pull' ? [copying.destination, copying.source] : [copying.source, copying.destination];
  try {
    return await web.open('COPY', active.url, {
      headers: { ...authorization(active.token), ...headersFor(mode, passive, copying.overwrite) },
      signal: copying.signal,
      patienceMs,
    });
  } catch (error) {
    copying.signal.throwIfAborted();
    throw unreachable(active.scope, error, elementOf(active.url));
  }
}

function headersFor(mode: Mode, passive: Place, overwrite: boolean): Record<string, string> {
  return {
    [mode === 'pull' ? 'Source' : 'Destination']: passive.url.href,
    ...(passive.token === null ? {} : { TransferHeaderAuthorization: `Bearer ${passive.token}` }),
    // no delegation of X.509 proxies
    Credential: 'none',
    Overwrite: overwrite ? 'T' : 'F',
    // we compare ourselves: elements disagree on what this does
    RequireChecksumVerification: 'false',
  };
}

async function refusal(answer: IncomingMessage, status: number, where: string): Promise<Error> {
  const body = await textOf(answer);
  if (
    status === 405 ||
    status === 501 ||
    (status === 400 && /not (supported|implemented)|unsupported|unknown method/i.test(body))
  )
    return new ModeUnsupported(`${where} HTTP ${status}`);
  return refused('TRANSFER', `${where} COPY`, status, body);
}

/** Reads until the element says how it ended. @throws TransferFailure where it says failure, nothing, or nonsense */
async function follow(
  answer: IncomingMessage,
  copying: Copying,
  patience: CopyPatience,
  where: string,
): Promise<void> {
  const parser = createMarkerParser();
  const watch = createWatch(answer, patience, where);
  const progress = createProgress();
  let garbage = '';
  const take = (said: readonly Said[]): boolean => {
    for (const one of said) {
      if (one.kind === 'success') return true;
      if (one.kind === 'failure') throw failedCopy(one.text, where);
      if (one.kind === 'garbage') garbage ||= one.line;
      else {
        const bytes = progress.take(one.marker);
        watch.marker(bytes);
        copying.onBytes(bytes);
      }
    }
    return false;
  };
  try {
    if (await readUntil(answer, parser, take)) return;
  } catch (error) {
    throw watch.reason() ?? brokenOff(error, where);
  } finally {
    watch.stop();
  }
  throw failure('TRANSFER', ERRNO.communication, unended(garbage, where), true);
}

async function readUntil(
  answer: IncomingMessage,
  parser: MarkerParser,
  take: (said: readonly Said[]) => boolean,
): Promise<boolean> {
  answer.setEncoding('utf8');
  for await (const chunk of answer as AsyncIterable<string>) if (take(parser.take(chunk))) return true;
  return take(parser.end());
}

function unended(garbage: string, where: string): string {
  if (garbage === '') return `${where} ended its answer without saying how the copy ended`;
  return `${where} answered garbage where markers belong: ${JSON.stringify(garbage.slice(0, 80))}`;
}

function brokenOff(error: unknown, where: string): Error {
  if (error instanceof TransferFailure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return failure(
    'TRANSFER',
    ERRNO.communication,
    `${where} broke off in the middle of its answer (${code})`,
    true,
    error,
  );
}

/** Destroys the answer of an element that is silent, or whose bytes stand still. */
function createWatch(answer: IncomingMessage, patience: CopyPatience, where: string) {
  let reason: TransferFailure | null = null;
  let most = -1;
  const give = (text: string) => () => {
    reason = failure('TRANSFER', ERRNO.timeout, `Operation timed out: ${text}`, true);
    answer.destroy(reason);
  };
  const silence = setTimeout(
    give(`no performance marker of ${where} for ${patience.silenceMs / 1000} s`),
    patience.silenceMs,
  );
  const standstill = setTimeout(
    give(`${where} moved no byte for ${patience.standstillMs / 1000} s`),
    patience.standstillMs,
  );
  return {
    marker(bytes: number) {
      silence.refresh();
      if (bytes <= most) return;
      most = bytes;
      standstill.refresh();
    },
    reason: (): TransferFailure | null => reason,
    stop() {
      clearTimeout(silence);
      clearTimeout(standstill);
    },
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  answer.setEncoding('utf8');
  try {
    for await (const chunk of answer as AsyncIterable<string>) {
      text += chunk;
      if (text.length > 4096) break;
    }
  } catch (error) {
    // the status alone says enough; a body that broke off adds nothing
    if (!(error instanceof Error)) throw error;
  }
  answer.destroy();
  return text;
}
