/** What `palestra prove` leaves behind: JUnit for continuous integration, proofs for pages. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue } from '../catalogue/face.ts';
import { kitHash, writeProof } from '../catalogue/proofs.ts';
import { toJunit, type ProveReport } from '../checks/prove/index.ts';
import type { Proof } from '../contract/proof.ts';

export async function writeJunit(state: string, report: ProveReport): Promise<void> {
  await mkdir(join(state, 'reports'), { recursive: true });
  await writeFile(join(state, 'reports/prove.xml'), toJunit(report));
}

/** One file for each lesson that held. @param root the checkout. @returns the files, relative to it */
export async function recordProofs(
  root: string,
  catalogue: Pick<Catalogue, 'lesson'>,
  { driver, lessons }: ProveReport,
): Promise<string[]> {
  const date = new Date().toISOString().slice(0, 10);
  const proven = lessons.filter(({ status }) => status === 'proven');
  return Promise.all(
    proven.map(async ({ id, seconds, kit, versions, mutation, steps }) => {
      const [course = '', lesson = ''] = id.split('/');
      const proof: Proof = {
        lesson: id,
        hash: catalogue.lesson(course, lesson)?.hash ?? '',
        kit,
        kitHash: await kitHash(root, kit),
        versions,
        driver,
        date,
        seconds,
        steps: steps.map((step) => ({ id: step.id, seconds: step.seconds })),
        ...(mutation.tried > 0 && { mutation }),
      };
      return writeProof(root, proof);
    }),
  );
}
