import { describe, expect, it } from 'vitest';
import { failedCopy, failure, refused, TransferFailure, unreachable } from './failure.ts';

const told = ({ message, retry }: TransferFailure) => [message, retry];

describe('what is worth another try', () => {
  it.each([
    [400, false],
    [401, false],
    [403, false],
    [404, false],
    [408, true],
    [409, false],
    [410, false],
    [412, false],
    [413, false],
    [423, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [504, true],
    [507, false],
  ])('HTTP %i: %s', (status, retry) => expect(refused('SOURCE', 'SOURCE', status, '').retry).toBe(retry));

  it.each([
    ['ECONNREFUSED', true],
    ['ECONNRESET', true],
    ['ETIMEDOUT', true],
    ['EHOSTUNREACH', true],
    ['ENOTFOUND', true],
    ['EPIPE', true],
    ['HPE_INVALID_CONSTANT', true],
    ['CERT_HAS_EXPIRED', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false],
    ['SELF_SIGNED_CERT_IN_CHAIN', false],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false],
  ])('%s: %s', (code, retry) => {
    expect(unreachable('SOURCE', Object.assign(new Error('x'), { code }), 'h:1').retry).toBe(retry);
  });

  it.each([
    ['Remote side failed with status code 404', 2, false],
    ['Remote side failed with status code 403; denied', 13, false],
    ['HTTP 503 Service Unavailable', 70, true],
    ['No space left on device', 28, false],
    ['Disk quota exceeded', 28, false],
    ['Permission denied', 13, false],
    ['no such file or directory', 2, false],
    ['Operation timed out', 5, true],
    ['Failure when receiving data from the peer', 5, true],
    ['', 5, true],
  ])('an element that says %j: errno %i, %s', (text, errno, retry) => {
    const failed = failedCopy(text, 'h:1');
    expect(failed.message).toMatch(new RegExp(`^TRANSFER \\[${errno}\\] h:1: `));
    expect(failed.retry).toBe(retry);
  });
});

describe('the words', () => {
  it('are those of FTS3', () => {
    expect(told(refused('SOURCE', 'SOURCE', 404, 'x'))).toEqual([
      'SOURCE [2] SOURCE HTTP 404 : File not found',
      false,
    ]);
    expect(told(refused('DESTINATION', 'MAKE_PARENT', 403, 'x'))).toEqual([
      'DESTINATION [13] MAKE_PARENT HTTP 403 : Permission refused',
      false,
    ]);
    const refusedConnection = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(told(unreachable('DESTINATION', refusedConnection, 'h:1'))).toEqual([
      'DESTINATION [70] ECONNREFUSED at h:1',
      true,
    ]);
    expect(unreachable('SOURCE', new AggregateError([refusedConnection]), 'h:1').message).toBe(
      'SOURCE [70] ECONNREFUSED at h:1',
    );
  });
  it('keep what the element said, on one line and without its markup', () => {
    expect(refused('TRANSFER', 'COPY', 500, '<h1>Oops</h1>\r\n\tdisk  on fire').message).toBe(
      'TRANSFER [70] COPY HTTP 500 : Oops disk on fire',
    );
    expect(refused('TRANSFER', 'COPY', 500, '').message).toBe(
      'TRANSFER [70] COPY HTTP 500 : Internal Server Error',
    );
  });
  it('T66 hold no control character and are bounded, whatever an element sends', () => {
    const { message } = refused('SOURCE', 'SOURCE', 500, `\u001b[2J\u202e${'x'.repeat(100_000)}`);
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/u);
    expect(message.length).toBeLessThan(500);
  });
  it('T57 hold no token that an element sends back', () => {
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJydWNpbyJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
    for (const text of [
      `Bearer ${token}`,
      token,
      `authz=${token}`,
      `?authz=Bearer%20${token}`,
      `x ${token.slice(0, 50)}`,
    ]) {
      const all = [
        refused('SOURCE', 'SOURCE', 400, text),
        failedCopy(text, 'h:1'),
        failure('SOURCE', 5, text, false),
      ];
      for (const { message } of all) expect(message).not.toContain(token.slice(25, 45));
    }
  });
});
