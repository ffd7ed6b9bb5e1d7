/** `palestra take-home`: a lesson as an archive that needs Python and bash alone. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { takeHome, writeArchive } from '../authoring/index.ts';
import { loadCatalogue } from '../catalogue/load.ts';
import { Problem } from '../contract/errors.ts';
import { readKits } from '../sandboxes/local/kits/kit-file.ts';
import { courseNamed, lessonNamed } from './named.ts';
import { ROOT } from './settings.ts';

export interface TakeHomeCommand {
  readonly withSolutions?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

export async function takeHomeLesson(name: string, options: TakeHomeCommand): Promise<void> {
  const catalogue = await loadCatalogue(join(ROOT, 'courses'));
  const [courseName = '', lessonName = ''] = name.split('/');
  const course = courseNamed(catalogue, courseName);
  const lesson = lessonNamed(course, lessonName);
  const kit = await kitNamed(lesson.needs.kit);
  const solutions = options.withSolutions ?? false;
  const files = await takeHome({ catalogue, course, lesson, kit, solutions, root: ROOT });
  const folder = `palestra-${course.id}-${lesson.id}`;
  const out = resolve(options.out ?? `${folder}.tar.gz`);
  await writeArchive(out, folder, files);
  const { size } = await stat(out);
  const made = { lesson: `${course.id}/${lesson.id}`, file: out, bytes: size, files: files.length };
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(made, null, 2)}\n`
      : `${out}: ${made.files} files, ${Math.ceil(size / 1024)} KiB${solutions ? ', with solutions' : ''}\n\nTo do it:\n  tar xzf ${out}\n  cd ${folder}; ./start\n`,
  );
}

async function kitNamed(name: string) {
  const kits = await readKits(join(ROOT, 'infra/kits'));
  const kit = kits.find((each) => each.name === name);
  if (kit === undefined) throw new Problem('not-found', `There is no kit ${name} in infra/kits.`);
  return kit;
}
