/** An `edit` fence as a learner inserts and saves it. */
import type { EditFence } from '../../contract/lesson.ts';
import { Problem } from '../../contract/errors.ts';
import type { AgentLink } from '../../sandboxes/agent-link.ts';
import { applyEdit } from '../edit.ts';
import { LessonFailure } from '../lesson-failure.ts';
import type { Player } from './player.ts';

/** @throws LessonFailure where the fence does not fit the file */
export async function replayEdit({ workshop }: Player, fence: EditFence): Promise<void> {
  const code = workshop.filled(fence.code, fence.place);
  const file = await currentFile(workshop.agent, fence.file);
  const content = edited(file?.content ?? null, { ...fence, code });
  if (content === file?.content) return;
  const precondition = file === null ? ({ ifNoneMatch: '*' } as const) : { ifMatch: file.etag };
  await workshop.agent.write(fence.file, Buffer.from(content), precondition);
}

function edited(content: string | null, fence: EditFence): string {
  try {
    return applyEdit(content, fence);
  } catch (error) {
    if (error instanceof Problem && error.code === 'conflict')
      throw new LessonFailure(error.message, { place: fence.place });
    throw error;
  }
}

/** @returns null where there is none */
export async function currentFile(
  agent: AgentLink,
  path: string,
): Promise<{ content: string; etag: string } | null> {
  try {
    const { body, etag } = await agent.read(path);
    return { content: Buffer.concat(await body.toArray()).toString('utf8'), etag };
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return null;
    throw error;
  }
}
