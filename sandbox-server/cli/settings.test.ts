import { describe, expect, it } from 'vitest';
import { parseSettings, readSettings } from './settings.ts';

describe('settings', () => {
  it('need nothing: every key has a default', () => {
    const settings = parseSettings('', 'palestra.yaml');
    expect(settings).toMatchObject({ host: '127.0.0.1', port: 4747, keepDays: 14, unsandboxed: false });
    expect(settings.limits.memory).toBe(3 * 1024 ** 3);
  });

  it('read the committed file', async () => {
    const settings = await readSettings('palestra.yaml');
    expect(settings.groups['icsc/palestra/instructors']?.roles).toContain('instructor');
  });

  it('name an unknown key, with the file and where to read', () => {
    expect(() => parseSettings('prot: 1', 'palestra.yaml')).toThrow(
      /palestra\.yaml: .*prot[\s\S]*config\.ts/,
    );
  });

  it('name a value of the wrong kind by its path', () => {
    expect(() => parseSettings('limits: { memory: lots }', 'x.yaml')).toThrow(/x\.yaml: limits\.memory/);
  });

  it('say so when the file is not YAML', () => {
    expect(() => parseSettings('a: [', 'x.yaml')).toThrow(/x\.yaml is not YAML/);
  });

  it('refuse a named file that is not there', async () => {
    await expect(readSettings('no-such.yaml')).rejects.toThrow(/no-such\.yaml cannot be read/);
  });
});
