import { describe, expect, it } from 'vitest';
import { readCall, type CallReading } from './call.ts';

const rules = {
  host: 'cnaf.palestra.test:31451',
  peers: ['cnaf.palestra.test:31451', 'napoli.palestra.test:31452'],
};
function ask(
  method: string,
  target: string,
  headers: Record<string, string | readonly string[]> = {},
): CallReading {
  const rawHeaders = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => [name, String(one)]),
  );
  return readCall({ method, target, rawHeaders }, rules);
}
function why(reading: CallReading): string | null {
  return reading.ok ? null : `${reading.refusal.status} ${reading.refusal.why}`;
}
function sent(reading: CallReading): Record<string, string> {
  if (!reading.ok) throw new Error(reading.refusal.why);
  return Object.fromEntries(reading.call.headers);
}
function token(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
}
const napoli = 'https://napoli.palestra.test:31452/rucio/user/st07/a';

describe('headers on their way in', () => {
  it("get XRootD's spelling", () => {
    const headers = sent(
      ask('COPY', '/rucio/user/st07/a', {
        authorization: 'Bearer a.b.c',
        SOURCE: napoli,
        'x-number-of-streams': '1',
        transferheaderauthorization: 'Bearer d.e.f',
        'transferheaderwant-digest': 'adler32',
        'x-own': '1',
      }),
    );
    expect(headers).toEqual({
      Host: rules.host,
      Authorization: 'Bearer a.b.c',
      Source: napoli,
      'X-Number-Of-Streams': '1',
      TransferHeaderAuthorization: 'Bearer d.e.f',
      'TransferHeaderWant-Digest': 'adler32',
      'x-own': '1',
    });
  });
  it("leave out what is of the connection, or XRootD's own", () => {
    expect(
      sent(
        ask('GET', '/rucio/a', {
          Host: 'x'.repeat(4000),
          Connection: 'close',
          'Transfer-Encoding': 'chunked',
          'xrd-http-query': 'authz=x',
          'Xrd-Http-Fullresource': '/rucio/user/ada',
          Range: 'bytes=0-1',
        }),
      ),
    ).toEqual({ Host: rules.host, Range: 'bytes=0-1' });
  });
  it.each(['Authorization', 'Source', 'Destination', 'TransferHeaderAuthorization'])(
    '%s comes once',
    (name) => {
      expect(why(ask('COPY', '/rucio/a', { [name]: ['a', 'b'] }))).toBe(`400 twice: ${name.toLowerCase()}`);
    },
  );
});

describe('paths', () => {
  it('T31 those that mean two things stop here', () => {
    expect(why(ask('GET', '/rucio/user/st07/../ada'))).toBe('400 path: dots');
    expect(why(ask('MOVE', '/rucio/user/st07/a', { Destination: '/rucio/user/st07/%2e%2e/ada/a' }))).toBe(
      '400 destination: dots',
    );
    expect(why(ask('MOVE', '/rucio/user/st07/a'))).toBe('400 destination: form');
  });
  it('T57 a token in the address goes no further', () => {
    const reading = ask('GET', '/rucio/a?authz=Bearer%20x&other=1');
    expect(reading).toMatchObject({ ok: true, call: { tokenInAddress: true, at: { wire: '/rucio/a' } } });
  });
  it('the destination of a MOVE reaches XRootD as bytes, under our own host', () => {
    const long = `https://${'x'.repeat(3000)}/rucio/user/st07/caff%C3%A8%20due`;
    expect(sent(ask('MOVE', '/rucio/user/st07/a', { destination: long }))['Destination']).toBe(
      `https://${rules.host}/rucio/user/st07/caff\xc3\xa8 due?`,
    );
  });
});

describe('third-party copies', () => {
  it.each([
    napoli,
    'davs://napoli.palestra.test:31452/rucio/a',
    'https://NAPOLI.palestra.test:31452/rucio/a%20b',
  ])('from %s', (Source) => expect(why(ask('COPY', '/rucio/user/st07/a', { Source }))).toBeNull());
  it.each([
    'http://127.0.0.1:4747/api/labs',
    'http://napoli.palestra.test:31452/rucio/a',
    'https://169.254.169.254/latest/meta-data',
    'https://napoli.palestra.test:31452@evil.example:443/a',
    'https://napoli.palestra.test:31452.evil.example/a',
    'https://napoli.palestra.test:3145/a',
    'https://napoli.palestra.test/a',
    'file:///etc/passwd',
    'https://napoli.palestra.test:31452/a b',
    '',
  ])('never from %j', (Source) => {
    expect(why(ask('COPY', '/rucio/user/st07/a', { Source }))).toBe('403 stranger');
    expect(why(ask('COPY', '/rucio/user/st07/a', { Destination: Source }))).toBe('403 stranger');
    expect(why(ask('COPY', '/rucio/user/st07/a', { Source: napoli, Destination: Source }))).toBe(
      '403 stranger',
    );
  });
  it('read here when pushed, write here when pulled', () => {
    expect(ask('COPY', '/rucio/a', { Source: napoli })).toMatchObject({
      call: { writes: true, reads: false },
    });
    expect(ask('COPY', '/rucio/a', { Destination: napoli })).toMatchObject({
      call: { writes: false, reads: true },
    });
  });
});

describe("a neighbour's prefix", () => {
  const Authorization = `Bearer ${token({ scope: 'storage.read:/ storage.create:/user/st07 storage.modify:/user/st07' })}`;
  it.each(['PUT', 'MKCOL', 'DELETE'])('T57 %s stops here', (method) => {
    expect(why(ask(method, '/rucio/user/st07x/a', { Authorization }))).toBe('403 lookalike');
    expect(
      why(ask(method, '/rucio/user/st07x', { authorization: Authorization.replace('Bearer', 'BEARER') })),
    ).toBe('403 lookalike');
    expect(why(ask(method, '/rucio//user/st07/a', { Authorization }))).toBeNull();
  });
  it('T57 MOVE and COPY stop here too', () => {
    expect(
      why(ask('MOVE', '/rucio/user/st07/a', { Authorization, Destination: '/rucio/user/st07x/a' })),
    ).toBe('403 lookalike');
    expect(why(ask('COPY', '/rucio/user/st07x/a', { Authorization, Source: napoli }))).toBe('403 lookalike');
  });
  it('reading is for everybody', () => {
    expect(why(ask('GET', '/rucio/user/st07x/a', { Authorization }))).toBeNull();
  });
});
