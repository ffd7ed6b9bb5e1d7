/** Fills the wall bars of a page with what the signed-in learner has done: one request for all of them. */
import type { CourseSummary } from '../../../sandbox-server/contract/api.ts';
import { rungsOf } from './rungs.ts';
import { session } from './session.ts';

async function fill(): Promise<void> {
  const answer = await session();
  if (!answer?.me) return;
  const reply = await fetch('/api/courses');
  if (!reply.ok) return;
  const courses = (await reply.json()) as CourseSummary[];
  for (const bars of document.querySelectorAll<HTMLElement>('.bars[data-course]')) draw(bars, courses);
}

function draw(bars: HTMLElement, courses: readonly CourseSummary[]): void {
  const course = courses.find((one) => one.id === bars.dataset['course']);
  if (course === undefined) return;
  const rungs = [...bars.querySelectorAll('i')];
  const lesson = course.lessons.find((one) => one.id === bars.dataset['lesson']);
  const states = rungsOf(lesson === undefined ? course.lessons : [lesson], rungs.length);
  rungs.forEach((rung, at) => {
    rung.dataset['rung'] = states[at] ?? '';
  });
}

void fill();
