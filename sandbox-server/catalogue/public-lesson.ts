/** What a page's client code may know of a lesson. Built field by field: nothing is spread from a step. */
import type { Course, PublicLesson, PublicStep, Step } from '../contract/lesson.ts';

export function publicLesson(course: Course, id: string): PublicLesson | undefined {
  const index = course.lessons.findIndex((lesson) => lesson.id === id);
  const lesson = course.lessons[index];
  if (lesson === undefined) return undefined;
  return {
    course: course.id,
    id: lesson.id,
    title: lesson.title,
    minutes: lesson.minutes,
    kit: lesson.needs.kit,
    after: lesson.needs.after,
    next: course.lessons[index + 1]?.id ?? null,
    steps: lesson.steps.map(publicStep),
  };
}

function publicStep(step: Step): PublicStep {
  return {
    id: step.id,
    title: step.title,
    actions: step.actions.map(({ id, kind }) => ({ id, kind })),
    hasCheck: step.checks.length > 0,
    hasSolution: step.solutions.length > 0,
    questions: step.questions.map((question) => question.id),
  };
}
