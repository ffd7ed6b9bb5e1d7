/**
 * JSON Schema of course.yaml, of a lesson's front matter and of messages files, made from the schemas that the
 * catalogue reads them with. Editors complete and check with it; the files beside this one are what they read.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { CourseFile, LessonFront, Messages } from '../../catalogue/front-matter.ts';

export const SCHEMA_NAMES = ['course', 'lesson', 'messages'] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** Where the schemas of a checkout lie, relative to it. */
export const SCHEMA_FOLDER = 'sandbox-server/authoring/schema';
export const schemaFile = (name: SchemaName) => `${name}.schema.json`;

const SOURCES = {
  course: { schema: CourseFile, title: 'course.yaml of a Palestra course' },
  lesson: { schema: LessonFront, title: 'Front matter of a Palestra lesson' },
  messages: { schema: Messages, title: 'What checks say, by message id' },
} as const;

/** What an editor shows beside a key. */
const SAYS: Readonly<Record<SchemaName, Readonly<Record<string, string>>>> = {
  course: {
    title: "The course's name, as a reader sees it.",
    summary: 'What one learns, in a sentence or two.',
    audience: 'Who it is for, and what they should know already.',
    authors: 'Who wrote it.',
    licence: 'SPDX name of the licence, such as CC-BY-4.0.',
    kit: 'What the environment is made of: base has a shell and the usual programs.',
    services: 'Services that every lesson needs outside its sandbox.',
    groups: 'Groups that may take it; empty: whoever can sign in.',
    lessons: 'Folders of the lessons, in order.',
    mask: 'Regular expressions: what they match in a shown output varies.',
  },
  lesson: {
    title: "The lesson's name; the page has no # heading of its own.",
    minutes: 'How long a learner needs.',
    questions: 'What the lesson answers.',
    objectives: 'What a learner can do afterwards.',
    keypoints: 'What to remember.',
    leaves: 'What this lesson leaves behind for later ones.',
    mask: 'Regular expressions: what they match in a shown output varies; more than those of the course.',
    needs: 'What it needs: kit, services, tokens, lessons before it, resources.',
  },
  messages: {},
};

/** A JSON Schema (draft 2020-12) of what an author writes, defaults left out. */
export function schemaOf(name: SchemaName): Record<string, unknown> {
  const { schema, title } = SOURCES[name];
  const made = z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>;
  return { ...made, title, ...describedProperties(made, SAYS[name]) };
}

function describedProperties(made: Record<string, unknown>, says: Readonly<Record<string, string>>) {
  const properties = made['properties'] as Record<string, object> | undefined;
  if (properties === undefined) return {};
  const described = Object.entries(properties).map(([key, value]) => [
    key,
    { description: says[key], ...value },
  ]);
  return { properties: Object.fromEntries(described) as unknown };
}

/** The file's text: the same input gives the same bytes. */
const schemaText = (name: SchemaName) => `${JSON.stringify(schemaOf(name), null, 2)}\n`;

/** @returns the files written */
export async function writeSchemas(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    SCHEMA_NAMES.map(async (name) => {
      const file = join(folder, schemaFile(name));
      await writeFile(file, schemaText(name));
      return file;
    }),
  );
}

/** The line by which an editor finds the schema of a file in `folder`. */
export function schemaLine(root: string, folder: string, name: SchemaName): string {
  return `# yaml-language-server: $schema=${relative(folder, join(root, SCHEMA_FOLDER, schemaFile(name)))}`;
}
