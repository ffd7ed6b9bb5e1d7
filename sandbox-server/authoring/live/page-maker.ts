/**
 * The text of a lesson as the site's build makes it, in milliseconds: the site's own Markdown pipeline, kept warm in a
 * thread of its own so that keystrokes of a lab do not wait behind it.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { Problem } from '../../contract/errors.ts';

/** What `site/lesson-text.ts` answers. */
const Made = z.object({ id: z.number(), html: z.string().nullable(), problem: z.string().nullable() });

export interface PageMaker extends AsyncDisposable {
  /**
   * @param file absolute path of a `lesson.md`
   * @returns what stands below the lesson's aims on its page; null: it holds a picture, which only a build can place
   * @throws Problem `bad-request` with what the pipeline said
   */
  make(file: string): Promise<string | null>;
}
type Waiting = PromiseWithResolvers<string | null>;

/** @param root the checkout whose site it is */
export function openPageMaker(root: string): PageMaker {
  const worker = new Worker(join(root, 'site/lesson-text.ts'), { workerData: { root }, stdout: true });
  const waiting = new Map<number, Waiting>();
  let last = 0;
  worker.on('message', (message) => {
    const { id, html, problem } = Made.parse(message);
    if (problem === null) waiting.get(id)?.resolve(html);
    else waiting.get(id)?.reject(new Problem('bad-request', problem));
    waiting.delete(id);
  });
  const ended = (error: Error): void => {
    for (const each of waiting.values()) each.reject(error);
    waiting.clear();
  };
  worker.on('error', ended);
  worker.on('exit', () =>
    ended(new Problem('unavailable', 'Lessons are no longer rendered. Start npm run dev again.')),
  );
  return {
    make(file) {
      const mine: Waiting = Promise.withResolvers();
      last += 1;
      waiting.set(last, mine);
      worker.postMessage({ id: last, file });
      return mine.promise;
    },
    async [Symbol.asyncDispose]() {
      if (worker.threadId === -1) return;
      const exit = once(worker, 'exit');
      await worker.terminate();
      await exit;
    },
  };
}
