/** A lesson's steps for `check`: `lessons.json`, and each script as a file that a person can read. Pure. */
import type { Lesson, Step } from '../../contract/lesson.ts';
import type { TakenFile } from './archive.ts';

interface Fence {
  readonly lang: string;
  readonly code: string;
}
interface Script {
  /** relative to `inside/` */
  readonly file: string;
  readonly lang: 'bash' | 'sh' | 'python';
}
export interface TakenLesson {
  /** its part of lessons.json */
  readonly entry: object;
  readonly scripts: readonly TakenFile[];
}

/** @param lesson whose fences are all scripts: none is a service's verbs */
export function takenLesson(lesson: Lesson): TakenLesson {
  const scripts: TakenFile[] = [];
  const keep = (folder: string, kind: string) => (fence: Fence, index: number) => {
    const script = scriptOf(`lessons/${lesson.id}/${folder}/${kind}-${index + 1}`, fence);
    scripts.push({ path: `inside/${script.file}`, content: `${fence.code}\n` });
    return script;
  };
  const entry = {
    id: lesson.id,
    title: lesson.title,
    messages: englishOf(lesson),
    setup: lesson.setup.map(keep('setup', 'setup')),
    steps: lesson.steps.map((step) => stepEntry(step, keep)),
  };
  return { entry, scripts };
}

type Keep = (folder: string, kind: string) => (fence: Fence, index: number) => Script;

function stepEntry(step: Step, keep: Keep): object {
  const folder = `steps/${step.id}`;
  const hints = Object.fromEntries(step.hints.map(({ id, title }) => [id, title]));
  const script = keep(folder, 'check');
  return {
    id: step.id,
    title: step.title,
    setup: step.setup.map(keep(folder, 'setup')),
    undo: step.undos.map(keep(folder, 'undo')),
    edits: [...new Set(step.actions.flatMap((action) => (action.kind === 'edit' ? [action.file] : [])))],
    checks: step.checks.map((check, index) => {
      const { timeout, every, waits = 0 } = check;
      return { ...script(check, index), timeout, every, waits, hints };
    }),
    questions: step.questions.map(({ title, kind, choices, answer }, index) => ({
      title,
      kind,
      right: choices.flatMap(({ right }, at) => (right ? [at + 1] : [])),
      ...(answer && { answer: keep(folder, `answer-${index + 1}`)(answer, 0) }),
    })),
  };
}

/** A step's solutions, in the order in which they are played. */
export function solutionFiles(lesson: Lesson): TakenFile[] {
  return lesson.steps.flatMap((step) =>
    step.solutions.map((fence, index) => {
      const { file } = scriptOf(`${lesson.id}/${step.id}${index === 0 ? '' : `-${index + 1}`}`, fence);
      return { path: `solutions/${file}`, content: `${fence.code}\n` };
    }),
  );
}

function scriptOf(path: string, { lang }: Fence): Script {
  if (lang === 'python' || lang === 'python3' || lang === 'py') return { file: `${path}.py`, lang: 'python' };
  return { file: `${path}.sh`, lang: lang === 'sh' ? 'sh' : 'bash' };
}

const englishOf = ({ messages }: Lesson): Record<string, string> =>
  Object.fromEntries(
    Object.entries(messages).flatMap(([id, { en }]) => (en === undefined ? [] : [[id, en]])),
  );
