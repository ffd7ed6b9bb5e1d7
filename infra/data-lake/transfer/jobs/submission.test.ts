import { describe, expect, it } from 'vitest';
import { BASE_ID, jobFrom, Submission, uuid5, VO } from './submission.ts';

const ASKED = { by: 'rucio', at: 1_000_000, elements: ['a:1', 'b:1'] };
const file = (more: object = {}) => ({ sources: ['davs://a:1/x'], destinations: ['davs://b:1/x'], ...more });
const job = (body: object, asked = ASKED) => jobFrom(Submission.parse(body), asked);

describe('a submission', () => {
  it('becomes a job, whole', () => {
    const submitted = file({
      sources: ['davs://a:1/x', 'davs://b:1/y'],
      source_tokens: ['one', 'two'],
      destination_tokens: ['three'],
      checksum: 'ADLER32:1a2b',
      filesize: 7,
      metadata: { request_id: 'r' },
      activity: 'User Subscriptions',
      selection_strategy: 'orderly',
    });
    const params = {
      account: 'ada',
      priority: 4,
      verify_checksum: 'both',
      overwrite: true,
      job_metadata: { issuer: 'rucio' },
      retry: 0,
      bring_online: null,
      s3alternate: true,
    };
    const { id, ...rest } = job({ files: [submitted], params });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const common = {
      index: 0,
      destination: 'davs://b:1/x',
      destinationElement: 'b:1',
      destinationToken: 'three',
      checksum: '00001a2b',
      size: 7,
      metadata: { request_id: 'r' },
      activity: 'User Subscriptions',
    };
    expect(rest).toEqual({
      type: 'R',
      submitter: 'rucio',
      user: 'ada',
      priority: 4,
      submittedAt: 1_000_000,
      queueUntil: null,
      params: {
        verify: 'both',
        overwrite: true,
        overwriteHop: false,
        retries: null,
        retryDelayMs: null,
        metadata: { issuer: 'rucio' },
      },
      files: [
        { ...common, state: 'waiting', source: 'davs://a:1/x', sourceElement: 'a:1', sourceToken: 'one' },
        { ...common, state: 'held', source: 'davs://b:1/y', sourceElement: 'b:1', sourceToken: 'two' },
      ],
    });
  });
  it('with the least that it needs', () => {
    expect(job({ files: [file()] })).toMatchObject({
      type: 'N',
      user: 'rucio',
      priority: 3,
      params: { verify: 'none', overwrite: false, metadata: {} },
      files: [{ sourceToken: null, checksum: null, size: null, metadata: null }],
    });
  });
  it('of hops holds all but the first', () => {
    const hops = [file(), file({ sources: ['davs://b:1/x'], destinations: ['davs://a:1/y'] })];
    const { type, files } = job({ files: hops, params: { multihop: true } });
    expect([type, files.map((one) => one.state)]).toEqual(['H', ['waiting', 'held']]);
  });
  it.each([
    [undefined, 3],
    [null, 3],
    [0, 1],
    [-4, 1],
    [5, 5],
    [99, 5],
  ])('with priority %s has %s', (priority, expected) => {
    expect(job({ files: [file()], params: { priority } }).priority).toBe(expected);
  });
  it.each([
    [undefined, null],
    [0, null],
    [1, 3_600_000],
    ['30m', 1_800_000],
    ['10s', 10_000],
    ['2h', 7_200_000],
    ['nonsense', null],
  ])('may wait %s: until %s ms later', (max_time_in_queue, ms) => {
    const until = job({ files: [file()], params: { max_time_in_queue } }).queueUntil;
    expect(until).toBe(ms === null ? null : 1_000_000 + ms);
  });
  it.each([
    [undefined, null],
    [0, null],
    [-1, 0],
    [3, 3],
    [1000, 10],
  ])('that asks for %s retries gets %s', (retry, expected) => {
    expect(job({ files: [file()], params: { retry } }).params.retries).toBe(expected);
  });
  it('with the same sid has the same id', () => {
    const params = { id_generator: 'deterministic', sid: 'request' };
    expect(job({ files: [file()], params }).id).toBe(job({ files: [file()], params }).id);
    expect(job({ files: [file()], params }).id).toBe(uuid5(uuid5(BASE_ID, VO), 'request'));
    expect(job({ files: [file()], params: { sid: 'request' } }).id).not.toBe(
      job({ files: [file()], params }).id,
    );
  });
  it.each([
    [
      'an element that is none',
      { files: [file({ sources: ['davs://evil:1/x'] })] },
      /evil:1 is none of the elements/,
    ],
    ['a checksum that elements do not tell', { files: [file({ checksum: 'MD5:00' })] }, /ADLER32/],
    [
      'hops of several sources',
      { files: [file({ sources: ['davs://a:1/x', 'davs://b:1/x'] })], params: { multihop: true } },
      /one source for each hop/,
    ],
  ])('is refused for %s', (_name, body, sentence) => expect(() => job(body)).toThrow(sentence));
  it.each([
    ['no file', { files: [] }],
    ['no source', { files: [file({ sources: [] })] }],
    ['two destinations', { files: [file({ destinations: ['davs://b:1/x', 'davs://b:1/y'] })] }],
    ['a size below nothing', { files: [file({ filesize: -1 })] }],
    ['a token of a megabyte', { files: [file({ source_tokens: ['x'.repeat(1_000_000)] })] }],
    ['3,000 files', { files: Array.from({ length: 3000 }, () => file()) }],
  ])('does not parse with %s', (_name, body) => expect(Submission.safeParse(body).success).toBe(false));
});

it('uuid5 is that of RFC 9562: its own example', () => {
  expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  );
});
