import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foreignStages } from './containerfile.ts';

describe('what a Containerfile begins with', () => {
  it.each([
    'ARG BASE\nFROM ${BASE}\nRUN true\n',
    'ARG BASE\nFROM $BASE AS Made\nFROM made\nCOPY --from=made /a /a\nCOPY --from=0 /a /a\n',
    'FROM scratch\nADD rootfs.tar /\n',
    'FROM --platform=linux/amd64 ${BASE}\n',
    '# FROM evil\nFROM ${BASE}\nRUN echo FROM evil\n',
  ])('is its base or a stage of its own: %j', (text) => expect(foreignStages(text)).toEqual([]));

  it.each([
    ['FROM docker.io/library/debian:12\n', 'docker.io/library/debian:12'],
    ['from evil:1\n', 'evil:1'],
    ['FROM \\\n  evil:1\n', 'evil:1'],
    ['FROM ${BASE}\nFROM ${OTHER}\n', '${OTHER}'],
    ['FROM ${BASE}\nCOPY --from=evil:1 /a /a\n', 'evil:1'],
    ['FROM ${BASE}\nCOPY --chown=1 --from=evil:1 /a /a\n', 'evil:1'],
    ['FROM ${BASE}\nRUN --mount=type=bind,from=evil:1,target=/x true\n', 'evil:1'],
    ['FROM later\nFROM ${BASE} AS later\n', 'later'],
  ])('T47 is nothing from elsewhere: %j', (text, image) => expect(foreignStages(text)).toEqual([image]));

  it('holds for the one of all kits, which run as nobody with a password or a privilege', async () => {
    const text = await readFile(join(import.meta.dirname, '../kits/Containerfile'), 'utf8');
    expect(foreignStages(text)).toEqual([]);
    expect(text.match(/^USER .*$/gm)?.at(-1)).toBe('USER 1000:1000');
    expect(text).not.toMatch(/https?:/);
  });
});
