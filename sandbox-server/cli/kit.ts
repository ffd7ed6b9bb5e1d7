/** `palestra kit new|lock|build|test`: a kit of one's own, from another. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { newKit } from '../authoring/index.ts';
import { loadCatalogue } from '../catalogue/load.ts';
import { Problem } from '../contract/errors.ts';
import { openSandboxRooms } from '../sandbox-rooms.ts';
import { newId } from '../sandboxes/ids.ts';
import { createLocalKits } from '../sandboxes/local/kits/kits.ts';
import { lockList } from '../sandboxes/local/kits/lock-list.ts';
import { findPython } from '../sandboxes/local/kits/python.ts';
import { provideUv } from '../sandboxes/local/kits/uv.ts';
import { createLog } from '../telemetry/index.ts';
import { prove } from './prove.ts';
import { readSettings, ROOT, STATE } from './settings.ts';

export interface NewKitOptions {
  readonly from: string;
  readonly title?: string;
}
export interface BuildKitOptions {
  readonly image?: boolean;
  readonly load?: boolean;
}

const KITS = join(ROOT, 'infra/kits');
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** @param kits folder with a folder for each. @throws Problem as newKit does: a path is no name, and is not made one */
export async function kitNew(name: string, options: NewKitOptions, kits = KITS): Promise<void> {
  const files = await newKit({ kits, name, from: options.from, title: options.title ?? name });
  say(`Written:\n${files.map((file) => `  ${relative(ROOT, file)}`).join('\n')}`);
  say(`\nNext:\n  npx palestra kit build ${name}\n  npx palestra kit test ${name}`);
}

/** @throws Problem `kit-missing` without Python, and as lockList does */
export async function kitLock(name: string): Promise<void> {
  const python = await findPython();
  if (python === null) throw new Problem('kit-missing', 'Python 3.11 or later is missing on this machine.');
  const { signal } = new AbortController();
  const tools = join(STATE, 'tools');
  await mkdir(tools, { recursive: true });
  const uv = await provideUv({ tools, lock: join(KITS, 'uv.lock'), python: python.path, signal });
  const list = await lockList({ kits: KITS, name, uv, signal });
  say(`Written: ${relative(ROOT, list)}`);
  say(`The kit has it once kit.yaml says environments: [{ folder: ., requirements: ${basename(list)} }]`);
}

export async function kitBuild(name: string, options: BuildKitOptions): Promise<void> {
  await mkdir(STATE, { recursive: true });
  await using opened = new AsyncDisposableStack();
  const log = createLog({ level: 'warn' });
  const kits = opened.adopt(await createLocalKits({ root: KITS, state: STATE, log }), (each) => each.close());
  kits.watch((kit) => say(kit.text));
  await kits.ready(name);
  say(kits.get(name)?.text ?? '');
  if (options.image === true || options.load === true) await buildImage(name, options.load === true);
}

/** The builder is a program of its own: what it needs of the machine, the server does not. */
async function buildImage(name: string, load: boolean): Promise<void> {
  const words = [join(ROOT, 'infra/images/build.ts'), name, ...(load ? ['--load'] : [])];
  const child = spawn(process.execPath, words, { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Problem('kit-missing', `The image of the ${name} kit could not be built.`);
}

/** The agent starts in it, and every lesson that uses it proves. Exit status 1 when one did not. */
export async function kitTest(name: string): Promise<void> {
  await agentAnswers(name);
  const { courses } = await loadCatalogue(join(ROOT, 'courses'));
  const lessons = courses.flatMap((course) =>
    course.lessons.filter(({ needs }) => needs.kit === name).map(({ id }) => `${course.id}/${id}`),
  );
  if (lessons.length === 0) return say(`No lesson uses the ${name} kit yet.`);
  await prove(lessons, {});
}

async function agentAnswers(name: string): Promise<void> {
  await mkdir(STATE, { recursive: true });
  await using opened = new AsyncDisposableStack();
  const config = await readSettings('palestra.yaml');
  const log = createLog({ level: 'warn' });
  const rooms = await openSandboxRooms({ root: ROOT, state: STATE, config }, log, opened);
  await rooms.kits.ready(name);
  const lab = newId();
  try {
    const sandbox = await rooms.driver.claim({ lab, kit: name });
    await rooms.linkTo(sandbox).status();
    say(`The agent answers in a sandbox of the ${name} kit.`);
  } finally {
    await rooms.driver.release(lab);
    await rooms.driver.discard(lab);
  }
}
