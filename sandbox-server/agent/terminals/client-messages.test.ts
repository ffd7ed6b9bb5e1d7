import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FromClient } from '../../contract/terminal.ts';
import { parseClientMessage } from './client-messages.ts';

const whole = (most: number) =>
  fc.oneof(fc.integer({ min: -2, max: most }), fc.double(), fc.constant('1'), fc.constant(null));
const size = fc.oneof(
  fc.record({ cols: whole(1100), rows: whole(600) }),
  fc.constant(null),
  fc.record({ cols: whole(90) }),
);
const message = fc.record(
  {
    type: fc.constantFrom('hello', 'ack', 'resize', 'take', 'other', 7),
    from: whole(1e9),
    offset: whole(1e9),
    size,
    mode: fc.constantFrom('read', 'write', 'both', 0),
  },
  { requiredKeys: ['type'] },
);

describe('client messages', () => {
  it('says yes and no exactly where the contract does', () => {
    fc.assert(
      fc.property(message, (value) => {
        const ours = parseClientMessage(JSON.stringify(value));
        const contract = FromClient.safeParse(JSON.parse(JSON.stringify(value)));
        expect(ours).toEqual(contract.success ? contract.data : null);
      }),
      { numRuns: 3000 },
    );
  });

  it('T9 takes nothing that is not JSON, or no object', () => {
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '"hello"',
      '{"type":"hello"',
      '\0',
      '{"type":"__proto__"}',
      '[{"type":"take"}]',
    ]) {
      expect(parseClientMessage(text)).toBeNull();
    }
  });
});
