import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMarkerParser, createProgress, type Said } from './markers.ts';

/** as XRootD 5.5.3 sends it */
const XROOTD = `Perf Marker
Timestamp: 1763974801
Stripe Index: 0
Stripe Bytes Transferred: 238745
Total Stripe Count: 1
RemoteConnections: tcp:127.0.0.1:31451
End
success: Created
`;
/** as dCache does: indented, CRLF */
const DCACHE = XROOTD.replaceAll('\n', '\r\n').replace('Timestamp', '    Timestamp');

function read(text: string, cuts: readonly number[] = []): readonly Said[] {
  const parser = createMarkerParser();
  const said: Said[] = [];
  let at = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    said.push(...parser.take(text.slice(at, cut)));
    at = Math.max(at, cut);
  }
  return [...said, ...parser.take(text.slice(at)), ...parser.end()];
}

describe('the stream of a COPY', () => {
  const marker = { timestamp: 1_763_974_801, stripe: 0, stripes: 1, bytes: 238_745 };
  it.each([
    ['XRootD', XROOTD],
    ['dCache', DCACHE],
  ])('of %s', (_name, text) => {
    expect(read(text)).toEqual([
      { kind: 'marker', marker },
      { kind: 'success', text: 'Created' },
    ]);
  });
  it('is the same wherever it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(XROOTD.length)), (cuts) => {
        expect(read(XROOTD, cuts)).toEqual(read(XROOTD));
      }),
    );
  });
  it.each([
    ['failure: Remote side failed with status code 404', 'Remote side failed with status code 404'],
    ['Failure: x', 'x'],
    ['aborted: by operator', 'by operator'],
    ['ERROR', ''],
  ])('%s', (line, text) => expect(read(`${line}\n`)).toEqual([{ kind: 'failure', text }]));
  it('counts a last line without its end', () => {
    expect(read('success: Created')).toEqual([{ kind: 'success', text: 'Created' }]);
  });
  it('that says success in the middle of a marker is a success: the marker is lost, the file is not', () => {
    expect(read('Perf Marker\nTimestamp: 1\nsuccess: Created\n')).toEqual([
      { kind: 'success', text: 'Created' },
    ]);
  });
  it.each([
    ['a page', '<html>\n'],
    ['a marker without bytes', 'Perf Marker\nTimestamp: 1\nEnd\n'],
    ['a negative count', 'Perf Marker\nStripe Bytes Transferred: -5\nEnd\n'],
    ['a count beyond numbers', 'Perf Marker\nStripe Bytes Transferred: 999999999999999999999999\nEnd\n'],
    ['a word that only begins with success', 'successful: yes\n'],
  ])('that is %s brings neither success nor bytes', (_name, text) => {
    expect(read(text).filter(({ kind }) => kind === 'success' || kind === 'marker')).toEqual([]);
  });
  it('is bounded: a line without end is given up, again and again', () => {
    const parser = createMarkerParser();
    let garbage = 0;
    for (let n = 0; n < 1000; n += 1) garbage += parser.take('x'.repeat(1024)).length;
    expect(garbage).toBeGreaterThan(50);
    expect(parser.end().every(({ kind }) => kind === 'garbage')).toBe(true);
  });
  it('whatever it is, throws nothing, and success is said only where the element says it', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('Perf Marker', 'End', 'Timestamp: 1', 'Stripe Bytes Transferred: 7'),
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
        const text = lines.join('\n');
        const said = read(
          text,
          cuts.filter((cut) => cut <= text.length),
        );
        if (!/success/i.test(text)) expect(said.some(({ kind }) => kind === 'success')).toBe(false);
      }),
    );
  });
});

describe('progress', () => {
  it('adds up stripes, and never goes back', () => {
    const marker = fc.record({ stripe: fc.nat(4), bytes: fc.nat(1_000_000) });
    fc.assert(
      fc.property(fc.array(marker, { minLength: 1 }), (markers) => {
        const progress = createProgress();
        const seen = markers.map((one) => progress.take({ ...one, timestamp: 0, stripes: 5 }));
        expect(seen).toEqual([...seen].sort((a, b) => a - b));
        const most = Map.groupBy(markers, (one) => one.stripe);
        expect(seen.at(-1)).toBe(
          [...most.values()].reduce((sum, all) => sum + Math.max(...all.map((one) => one.bytes)), 0),
        );
      }),
    );
  });
  it('does not grow with an element that invents stripes', () => {
    const progress = createProgress();
    for (let stripe = 0; stripe < 10_000; stripe += 1)
      progress.take({ stripe, bytes: 1, timestamp: 0, stripes: 1 });
    expect(progress.take({ stripe: 0, bytes: 1, timestamp: 0, stripes: 1 })).toBe(256);
  });
});
