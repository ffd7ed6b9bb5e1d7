/** Labs and checks wired as in `main.ts`, on desk sandboxes that run every script for real. */
import { fill } from '../../catalogue/fill.ts';
import type { Course } from '../../contract/lesson.ts';
import type { StepProgress, StepState } from '../../contract/progress.ts';
import type { SignedIn } from '../../identity/face.ts';
import type { Given } from '../../labs/testing/courses.ts';
import type { DeskAgent } from '../../labs/testing/desk-agent.ts';
import { deskServices, ground, type Ground } from '../../labs/testing/ground.ts';
import { silentLog } from '../../telemetry/index.ts';
import { createChecks, type ChecksOptions } from '../checks.ts';
import type { Checks } from '../face.ts';

export interface School {
  readonly ground: Ground;
  checks: Checks;
  readonly ada: SignedIn;
  readonly lab: string;
  desk(): DeskAgent;
  /** an address in the lesson that was started */
  at(step: string, lesson?: string): { lab: string; lesson: string; step: string };
  known(step: string, lesson?: string): Promise<StepProgress>;
  until(step: string, state: StepState, lesson?: string): Promise<StepProgress>;
  /** a command typed by hand in the learner's terminal */
  types(line: string): Promise<void>;
  /** the server stops and comes back; the sandbox ran on */
  restart(): Promise<void>;
  /** states told to the page for a step, in order */
  told(step: string): StepState[];
  close(): Promise<void>;
}

export async function school(
  courses: readonly Course[],
  given: Given = {},
  clock: () => number = Date.now,
  change: Partial<ChecksOptions> = {},
): Promise<School> {
  const lesson = courses[0]?.lessons[0]?.id ?? '';
  const g = await ground(courses, given, {
    clock,
    openLesson: (...args) => it.checks.openLesson(...args),
    prepare: (...args) => it.checks.prepare(...args),
  });
  const make = (): Checks =>
    createChecks({
      catalogue: g.options.catalogue,
      labs: g.labs,
      services: deskServices(),
      fill,
      clock,
      log: silentLog(),
      ...change,
    });
  const ada = await g.who('ada');
  const it: School = {
    ground: g,
    checks: make(),
    ada,
    lab: '',
    desk: () => g.driver.agentOf(it.lab),
    at: (step, l = lesson) => ({ lab: it.lab, lesson: l, step }),
    async known(step, l = lesson) {
      const { steps } = await g.labs.progressOf(it.lab);
      const found = steps.find((s) => s.lesson === l && s.step === step);
      if (found === undefined) throw new Error(`no step ${step}`);
      return found;
    },
    async until(step, state, l = lesson) {
      const deadline = Date.now() + 10_000;
      for (;;) {
        const now = await it.known(step, l);
        if (now.state === state) return now;
        if (Date.now() > deadline) throw new Error(`${step} is still ${JSON.stringify(now)}, not ${state}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async types(line) {
      await it.desk().link.type({ code: line, terminal: '9' });
      await it.desk().idle();
    },
    async restart() {
      await it.checks.close();
      await g.labs.close();
      g.rewire();
      it.checks = make();
      await g.labs.adopt();
    },
    told: (step) =>
      g.events.flatMap((e) => (e.type === 'step' && e.step.step === step ? [e.step.state] : [])),
    async close() {
      await it.checks.close();
      await g.close();
    },
  };
  const { id } = await g.start(ada, lesson, courses[0]?.id);
  Object.assign(it, { lab: id });
  try {
    await g.until(ada, id, 'ready');
  } catch (error) {
    await it.close();
    throw error;
  }
  return it;
}

/** Long enough for a check that runs by itself to have run, where nothing else tells that it did. */
export function aWhile(ms = 500): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
