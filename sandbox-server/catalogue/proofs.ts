/** Proofs beside the courses: `proofs/DRIVER/COURSE/LESSON.json`, written by `palestra prove --record`, read by pages. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '../contract/errors.ts';
import type { Lesson } from '../contract/lesson.ts';
import { Proof } from '../contract/proof.ts';
import { hashOf, readFolder } from './lesson-files.ts';

/** `changed`: the lesson, what it is played with, or its kit differs from what was proven. */
export type Standing = 'proven' | 'changed' | 'never';
export interface Proven {
  readonly standing: Standing;
  /** the newest that holds, else the newest */
  readonly proof: Proof | null;
  /** one for each driver that the lesson was proven on */
  readonly each: readonly { readonly proof: Proof; readonly standing: Standing }[];
}

const FOLDER = 'proofs';
const pathOf = (driver: string, lesson: string): string => `${FOLDER}/${driver}/${lesson}.json`;

/** The same proof gives the same bytes. @param root the checkout. @returns the file, relative to it */
export async function writeProof(root: string, proof: Proof): Promise<string> {
  const path = pathOf(proof.driver, proof.lesson);
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), `${JSON.stringify(Proof.parse(proof), null, 2)}\n`);
  return path;
}

/** @returns null where it was never proven on this driver. @throws Problem `internal` naming a file that is no proof */
async function readProof(root: string, driver: string, lesson: string): Promise<Proof | null> {
  const path = pathOf(driver, lesson);
  const text = await readFile(join(root, path), 'utf8').catch(absent);
  if (text === null) return null;
  const read = Proof.safeParse(jsonOf(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Problem(
    'internal',
    `${path} is no proof: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}. Write it anew: npm run prove -- ${lesson} --record`,
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
  const drivers = (await readdir(join(root, FOLDER)).catch(absent)) ?? [];
  const name = `${lesson.course}/${lesson.id}`;
  const read = await Promise.all(drivers.sort().map((driver) => readProof(root, driver, name)));
  const kit = await kitHash(root, lesson.needs.kit);
  const each = read
    .filter((proof) => proof !== null)
    .map((proof) => ({ proof, standing: standingOf(proof, lesson.hash, kit) }))
    .sort((a, b) => b.standing.localeCompare(a.standing) || b.proof.date.localeCompare(a.proof.date));
  return { standing: each[0]?.standing ?? 'never', proof: each[0]?.proof ?? null, each };
}

const standingOf = (proof: Proof, hash: string, kit: string): Standing =>
  proof.hash === hash && proof.kitHash === kit ? 'proven' : 'changed';

/** What a kit is made of, without the tests that look after it. */
export async function kitHash(root: string, kit: string): Promise<string> {
  const files = await readFolder(join(root, 'infra/kits', kit));
  return hashOf(kit, { files: files.filter(({ path }) => !path.startsWith('tests/')) });
}
