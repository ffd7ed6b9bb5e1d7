import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personId } from '../../identity/person-id.ts';
import { namespaceName, selector } from './names.ts';

const ISSUER = 'https://iam.example.org';

describe('the name of a namespace', () => {
  it('is the prefix and the first 12 hex digits of SHA-256(iss NUL sub)', () => {
    const hex = createHash('sha256').update(`${ISSUER}\0ada`).digest('hex').slice(0, 12);
    expect(namespaceName({ id: personId(`${ISSUER}/`, 'ada') }, 'palestra-u-')).toBe(`palestra-u-${hex}`);
  });
  it('is a legal label of DNS for whoever there is, and the same for the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 3 }), (sub, turn) => {
        const name = namespaceName({ id: personId(ISSUER, sub) }, 'palestra-u-', turn);
        expect(name).toMatch(/^palestra-u-[0-9a-f]{12}(-[23])?$/);
        expect(name).toBe(namespaceName({ id: personId(ISSUER, sub) }, 'palestra-u-', turn));
      }),
    );
  });
  it('T30 differs for 5,000 people', () => {
    const names = new Set(
      Array.from({ length: 5_000 }, (_, i) =>
        namespaceName({ id: personId(ISSUER, `s-${String(i)}`) }, 'p-u-'),
      ),
    );
    expect(names.size).toBe(5_000);
  });
});

it('a selector asks for what is ours and whose', () => {
  expect(selector({ 'palestra.dev/lab': 'x' })).toBe(
    'app.kubernetes.io/managed-by=palestra,palestra.dev/lab=x',
  );
});
