/** Labs and checks need each other: labs open a lesson through checks, checks act on labs. */
import { fill } from '../catalogue/fill.ts';
import { createLabs, type LabsOptions } from '../labs/index.ts';
import type { Labs } from '../labs/face.ts';
import type { Replicas } from '../replicas/face.ts';
import { createChecks, type ChecksOptions } from './checks.ts';
import type { Checks } from './face.ts';
import { shareChecks } from './shared-checks.ts';

export interface LearningRooms extends Omit<LabsOptions, 'openLesson' | 'prepare'> {
  readonly services: LabsOptions['services'] & ChecksOptions['services'];
  readonly replicas: Replicas;
}

export function openLearning(rooms: LearningRooms): { labs: Labs; checks: Checks } {
  const labs = createLabs({
    ...rooms,
    openLesson: (lab, lesson, onStage) => checks.openLesson(lab, lesson, onStage),
    prepare: (lab, lessons, onProgress) => checks.prepare(lab, lessons, onProgress),
  });
  const { catalogue, services, log } = rooms;
  const checks: Checks = shareChecks(createChecks({ catalogue, labs, services, fill, log }), rooms);
  return { labs, checks };
}
