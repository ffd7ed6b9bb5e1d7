import { describe, expect, it } from 'vitest';
import { NamespaceSettings } from '../contract/namespace.ts';
import { grantsOf } from '../identity/groups.ts';
import { largest, sizeOf, sizesFor } from './sizes.ts';

const { sizes } = NamespaceSettings.parse({});
const nothing = grantsOf([{ roles: [], labs: 1 }]);

describe('sizes', () => {
  it('are the smallest for everybody, and what groups name', () => {
    expect(sizesFor([], sizes)).toEqual(['small']);
    expect(sizesFor(['large', 'huge'], sizes)).toEqual(['small', 'large']);
  });
  it('are the smallest where a lesson names none', () => {
    expect(sizeOf(undefined, nothing, sizes)).toEqual(sizes['small']);
  });
  it('that no group grants are refused in a sentence that says what is', () => {
    expect(() => sizeOf('medium', nothing, sizes)).toThrow(
      'This lesson needs a namespace of size medium; your groups grant small.',
    );
    expect(() => sizeOf('giant', { ...nothing, sizes: ['giant'] }, sizes)).toThrow(/does not have/);
  });
  it('are raised by quota and GPUs of groups, never lowered', () => {
    const grants = grantsOf([
      { roles: [], labs: 1, sizes: ['medium'], quota: { cpu: '1', memory: '20Gi', pods: 99 }, gpu: 2 },
    ]);
    expect(sizeOf('medium', grants, sizes)).toEqual({ ...sizes['medium'], memory: '20Gi', pods: 99, gpu: 2 });
  });
  it('of several labs are shared: the largest of each figure', () => {
    const a = { cpu: '2', memory: '4Gi', pods: 30, ephemeral: '10Gi', storage: '0', gpu: 0 };
    const b = { cpu: '3500m', memory: '4096Mi', pods: 10, ephemeral: '1Gi', storage: '5Gi', gpu: 1 };
    expect(largest([a, b])).toEqual({
      cpu: '3500m',
      memory: '4Gi',
      pods: 30,
      ephemeral: '10Gi',
      storage: '5Gi',
      gpu: 1,
    });
  });
});

describe('quantities in settings', () => {
  it.each(['2', '500m', '8Gi', '1.5', 4])('%j is one', (cpu) => {
    expect(() => NamespaceSettings.parse({ sizes: { s: { cpu, memory: '1Gi', pods: 1 } } })).not.toThrow();
  });
  it.each(['', '-1', '2 Gi', '8gi', '1e3', 'many', '8Ki '])('%j is none', (cpu) => {
    expect(() => NamespaceSettings.parse({ sizes: { s: { cpu, memory: '1Gi', pods: 1 } } })).toThrow();
  });
});
