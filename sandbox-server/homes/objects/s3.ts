/**
 * Objects in a bucket that speaks S3. Parts of 8 MiB, two in memory at most: each can be sent again by the client after
 * a 5xx or a cut. A key is written once (`If-None-Match: *`); where the answer to our own write was lost and the second
 * try is refused, the object's mark says that it is ours (F12).
 */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { Problem } from '../../contract/errors.ts';
import type { S3Settings } from '../../contract/homes.ts';
import { isKey, taken } from './object-store.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

/** S3's own least is 5 MiB; 10,000 parts at most, so 80 GB */
const PART = 8 * 1024 * 1024;
const CONNECT_MS = 5000;
const REQUEST_MS = 60_000;
const TRIES = 4;

type Library = typeof import('@aws-sdk/client-s3');
interface Bucket {
  readonly s3: Library;
  readonly client: S3Client;
  readonly bucket: string;
  /** the store's key with the settings' prefix */
  readonly at: (key: string) => string;
  readonly prefix: string;
  readonly name: string;
}

/** @param env where the settings' names of keys are looked up; without names the library's own chain is asked */
export async function openS3(
  settings: S3Settings,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ObjectStore> {
  // 20 MB of library that a server on one machine does not need
  const s3 = await import('@aws-sdk/client-s3');
  const { bucket, prefix, endpoint } = settings;
  const client = new s3.S3Client({
    region: settings.region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: settings.pathStyle,
    maxAttempts: TRIES,
    ...credentialsOf(settings, env),
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: REQUEST_MS,
      throwOnRequestTimeout: true,
    },
    // what is newer than S3 itself is not asked of servers that only speak it
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const at = (key: string): string => {
    if (!isKey(key)) throw new TypeError(`not a key: ${key}`);
    return prefix + key;
  };
  const it: Bucket = { s3, client, bucket, at, prefix, name: `the bucket ${bucket}` };
  return {
    name: it.name,
    put: (key, body, signal) => put(it, key, body, signal),
    get: (key, signal) => get(it, key, signal),
    async remove(key) {
      await asked(it, client.send(new s3.DeleteObjectCommand({ Bucket: bucket, Key: at(key) })));
    },
    list: (start) => list(it, start),
    tidy: (before) => abortOld(it, before),
    close: () => client.destroy(),
  };
}

function credentialsOf({ accessKeyEnv, secretKeyEnv }: S3Settings, env: NodeJS.ProcessEnv) {
  if (accessKeyEnv === undefined || secretKeyEnv === undefined) return {};
  const [accessKeyId, secretAccessKey] = [env[accessKeyEnv], env[secretKeyEnv]];
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new Problem(
      'unavailable',
      `The store of homes needs the variables ${accessKeyEnv} and ${secretKeyEnv}; they are not both set.`,
    );
  return { credentials: { accessKeyId, secretAccessKey } };
}

async function put(it: Bucket, key: string, body: Readable, signal?: AbortSignal): Promise<number> {
  const mark = randomBytes(12).toString('hex');
  const parts = partsOf(body);
  const first = await parts.next();
  const second = first.done === true ? first : await parts.next();
  const small = second.done === true;
  try {
    return small
      ? await putWhole(it, key, first.done === true ? Buffer.alloc(0) : first.value, mark, signal)
      : await putParts(it, key, joined([first.value as Buffer, second.value], parts), mark, signal);
  } finally {
    body.destroy();
  }
}

async function putWhole(
  it: Bucket,
  key: string,
  content: Buffer,
  mark: string,
  signal?: AbortSignal,
): Promise<number> {
  const command = new it.s3.PutObjectCommand({
    Bucket: it.bucket,
    Key: it.at(key),
    Body: content,
    ContentLength: content.length,
    IfNoneMatch: '*',
    Metadata: { mark },
  });
  await unlessOurs(it, key, mark, asked(it, it.client.send(command, within(signal))));
  return content.length;
}

async function putParts(
  it: Bucket,
  key: string,
  parts: AsyncIterable<Buffer>,
  mark: string,
  signal?: AbortSignal,
): Promise<number> {
  const { s3, client, bucket, at } = it;
  const where = { Bucket: bucket, Key: at(key) };
  const begun = await asked(
    it,
    client.send(new s3.CreateMultipartUploadCommand({ ...where, Metadata: { mark } }), within(signal)),
  );
  const upload = { ...where, UploadId: begun.UploadId };
  try {
    const done: { PartNumber: number; ETag: string | undefined }[] = [];
    let size = 0;
    for await (const part of parts) {
      const PartNumber = done.length + 1;
      const command = new s3.UploadPartCommand({
        ...upload,
        PartNumber,
        Body: part,
        ContentLength: part.length,
      });
      const { ETag } = await asked(it, client.send(command, within(signal)));
      done.push({ PartNumber, ETag });
      size += part.length;
    }
    const complete = new s3.CompleteMultipartUploadCommand({
      ...upload,
      MultipartUpload: { Parts: done },
      IfNoneMatch: '*',
    });
    await unlessOurs(it, key, mark, asked(it, client.send(complete, within(signal))));
    return size;
  } catch (error) {
    // what is left of it costs money until `tidy`: the first failure is the one to tell
    await client.send(new s3.AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

/** A refused write may be the second try of one whose answer was lost: the mark tells. */
async function unlessOurs(it: Bucket, key: string, mark: string, writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    const status = statusOf(error instanceof Problem ? error.cause : error);
    if (status !== 412 && status !== 409 && status !== 404) throw error;
    const head = new it.s3.HeadObjectCommand({ Bucket: it.bucket, Key: it.at(key) });
    const found = await it.client.send(head).catch((again: unknown) => {
      if (statusOf(again) === 404) return null;
      throw unusable(it.name, again);
    });
    if (found === null) throw error;
    if (found.Metadata?.['mark'] !== mark) throw taken(error);
  }
}

async function get(it: Bucket, key: string, signal?: AbortSignal): Promise<{ body: Readable; size: number }> {
  const command = new it.s3.GetObjectCommand({ Bucket: it.bucket, Key: it.at(key) });
  const { Body, ContentLength } = await it.client.send(command, within(signal)).catch((error: unknown) => {
    if (statusOf(error) !== 404) throw unusable(it.name, error);
    throw new Problem('not-found', `There is no saved home ${key}.`, { cause: error });
  });
  if (!(Body instanceof Readable) || ContentLength === undefined)
    throw unusable(it.name, new Error('an answer without a body'));
  return { body: Body, size: ContentLength };
}

async function* list(it: Bucket, start: string): AsyncGenerator<StoredObject> {
  let ContinuationToken: string | undefined;
  do {
    const page = await asked(
      it,
      it.client.send(
        new it.s3.ListObjectsV2Command({
          Bucket: it.bucket,
          Prefix: it.prefix + start,
          ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
        }),
      ),
    );
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      const key = Key?.slice(it.prefix.length) ?? '';
      if (isKey(key)) yield { key, size: Size ?? 0, at: LastModified?.getTime() ?? 0 };
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

async function abortOld(it: Bucket, before: number): Promise<void> {
  const { s3, client, bucket, prefix } = it;
  const command = new s3.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix });
  const { Uploads } = await asked(it, client.send(command));
  for (const { Key, UploadId, Initiated } of Uploads ?? [])
    if ((Initiated?.getTime() ?? before) < before)
      await client.send(new s3.AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
}

async function* partsOf(body: Readable): AsyncGenerator<Buffer, undefined> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    held.push(chunk);
    length += chunk.length;
    if (length < PART) continue;
    const whole = Buffer.concat(held);
    for (let at = 0; at + PART <= whole.length; at += PART) yield whole.subarray(at, at + PART);
    held = [whole.subarray(whole.length - (whole.length % PART))];
    length = held[0]?.length ?? 0;
  }
  if (length > 0) yield Buffer.concat(held);
  return undefined;
}

async function* joined(first: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

const within = (signal?: AbortSignal) => (signal === undefined ? {} : { abortSignal: signal });

async function asked<T>({ name }: Bucket, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw unusable(name, error);
  }
}

function unusable(name: string, cause: unknown): Problem {
  const why =
    cause instanceof Error ? `${cause.name}${cause.message ? `: ${cause.message}` : ''}` : String(cause);
  return new Problem(
    'unavailable',
    `Homes cannot be saved or read just now (${name}): ${why.slice(0, 300)}.`,
    {
      cause,
    },
  );
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
}
