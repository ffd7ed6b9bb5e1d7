/** Proofs beside the courses: `proofs/COURSE/LESSON.json`, written by `palestra prove --record`, read by pages. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '../contract/errors.ts';
import type { Lesson } from '../contract/lesson.ts';
import { Proof } from '../contract/proof.ts';
import { hashOf, readFolder } from './lesson-files.ts';

/** `changed`: the lesson, what it is played with, or its kit differs from what was proven. */
export type Standing = 'proven' | 'changed' | 'never';
export interface Proven {
  readonly standing: Standing;
  readonly proof: Proof | null;
}

const fileOf = (root: string, lesson: string): string => join(root, 'proofs', `${lesson}.json`);

/** The same proof gives the same bytes. @param root the checkout. @returns the file, relative to it */
export async function writeProof(root: string, proof: Proof): Promise<string> {
  const file = fileOf(root, proof.lesson);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(Proof.parse(proof), null, 2)}\n`);
  return file.slice(root.length + 1);
}

/** @returns null where it was never proven. @throws Problem `internal` naming a file that is no proof */
async function readProof(root: string, lesson: string): Promise<Proof | null> {
  const text = await readFile(fileOf(root, lesson), 'utf8').catch(absent);
  if (text === null) return null;
  const read = Proof.safeParse(jsonOf(text));
  if (read.success) return read.data;
  throw new Problem(
    'internal',
    `proofs/${lesson}.json is no proof: ${read.error.issues[0]?.path.join('.') ?? ''} ${read.error.issues[0]?.message ?? ''}. Write it anew: npm run prove -- ${lesson} --record`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** How a lesson stands today. @param root the checkout */
export async function provenOf(
  root: string,
  lesson: Pick<Lesson, 'course' | 'id' | 'hash' | 'needs'>,
): Promise<Proven> {
  const proof = await readProof(root, `${lesson.course}/${lesson.id}`);
  if (proof === null) return { standing: 'never', proof };
  const same = proof.hash === lesson.hash && proof.kitHash === (await kitHash(root, lesson.needs.kit));
  return { standing: same ? 'proven' : 'changed', proof };
}

/** What a kit is made of, without the tests that look after it. */
export async function kitHash(root: string, kit: string): Promise<string> {
  const files = await readFolder(join(root, 'infra/kits', kit));
  return hashOf(kit, { files: files.filter(({ path }) => !path.startsWith('tests/')) });
}
