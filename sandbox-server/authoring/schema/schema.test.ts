import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SCHEMA_NAMES, schemaFile, schemaLine, schemaOf, writeSchemas } from './schema.ts';

interface Made {
  readonly properties: Record<string, { description?: string; type?: string; default?: unknown }>;
  readonly required: string[];
  readonly additionalProperties: boolean;
}

describe('schemas for editors', () => {
  it.each(SCHEMA_NAMES)(
    '%s: the file in the checkout is current (palestra schema writes it)',
    async (name) => {
      const kept = await readFile(join(import.meta.dirname, schemaFile(name)), 'utf8');
      expect(JSON.parse(kept)).toEqual(schemaOf(name));
    },
  );

  it.each(['course', 'lesson'] as const)(
    '%s: every key says what it is, unknown ones are refused',
    (name) => {
      const made = schemaOf(name) as unknown as Made;
      expect(made.additionalProperties).toBe(false);
      for (const [key, value] of Object.entries(made.properties))
        expect(value.description, key).toMatch(/\w.*[.]$/);
    },
  );

  it('asks for no more than the catalogue does', () => {
    const course = schemaOf('course') as unknown as Made;
    expect(course.required.sort()).toEqual(['audience', 'authors', 'lessons', 'licence', 'summary', 'title']);
    const lesson = schemaOf('lesson') as unknown as Made;
    expect(lesson.required.sort()).toEqual(['minutes', 'title']);
  });

  it('knows what stands inside needs', () => {
    expect(JSON.stringify(schemaOf('lesson'))).toMatch(/"audience"[^]*"after"/);
  });

  it('writes the files that it names', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'palestra-schema-'));
    try {
      const files = await writeSchemas(join(folder, 'new'));
      expect(files).toHaveLength(3);
      for (const file of files) expect(JSON.parse(await readFile(file, 'utf8'))).toHaveProperty('$schema');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('gives the line by its way from the file', () => {
    expect(schemaLine('/x', '/x/courses/a/1-b', 'lesson')).toBe(
      '# yaml-language-server: $schema=../../../sandbox-server/authoring/schema/lesson.schema.json',
    );
  });
});
