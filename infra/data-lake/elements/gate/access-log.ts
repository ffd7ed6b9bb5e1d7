/**
 * Who asked an element for what, a JSON line each. Read per learner by the verb `log` and by lessons' checks.
 * No token is ever in it: of who asked it holds what the token says of itself, which nobody has verified here.
 */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

export const AccessEntry = z.object({
  /** ISO 8601, when the answer was over */
  time: z.string(),
  element: z.string(),
  method: z.string(),
  path: z.string(),
  /** where MOVE goes */
  to: z.string().optional(),
  /** logins whose folders are concerned */
  whose: z.array(z.string()),
  /** 0: the client left before an answer */
  status: z.number(),
  ms: z.number(),
  /** bytes of content received and sent */
  in: z.number(),
  out: z.number(),
  who: z.object({ sub: z.string(), jti: z.string(), verified: z.literal(false) }).optional(),
  /** a short reason for a refusal, and the sentence for it */
  why: z.string().optional(),
  said: z.string().optional(),
  /** kinds of faults that struck */
  faults: z.array(z.string()).optional(),
  /** waited for tape, in ms */
  staged: z.number().optional(),
  /** the content did not arrive whole */
  cut: z.boolean().optional(),
});
export type AccessEntry = z.infer<typeof AccessEntry>;

export interface AccessLog {
  write(entry: AccessEntry): void;
  close(): void;
}

/** a quarter of a million lines or so; one older file is kept */
const FILE_BYTES = 20_000_000;

/** Written at once: a line that a lesson's check asks for is there when its answer is. */
export function openAccessLog(path: string, bytes = FILE_BYTES): AccessLog {
  let fd = openSync(path, 'a', 0o600);
  let size = fstatSync(fd).size;
  return {
    write(entry) {
      const line = `${JSON.stringify(entry)}\n`;
      if (size + line.length > bytes) {
        closeSync(fd);
        renameSync(path, `${path}.1`);
        fd = openSync(path, 'a', 0o600);
        size = 0;
      }
      size += writeSync(fd, line);
    },
    close: () => closeSync(fd),
  };
}

export interface AccessQuestion {
  readonly user: string;
  /** ms since the epoch; default: all that is kept */
  readonly since?: number;
  /** the newest so many; default 200 */
  readonly limit?: number;
}

/** Entries that concern one learner's folder, oldest first. */
export async function readAccess(path: string, question: AccessQuestion): Promise<readonly AccessEntry[]> {
  const texts = await Promise.all([`${path}.1`, path].map(textOf));
  const entries = texts.flatMap((text) => text.split('\n')).filter((line) => mayConcern(line, question.user));
  return entries
    .map((line) => AccessEntry.parse(JSON.parse(line)))
    .filter((entry) => entry.whose.includes(question.user))
    .filter((entry) => Date.parse(entry.time) >= (question.since ?? 0))
    .slice(-(question.limit ?? 200));
}

/** Cheap, before JSON is read; a line without its end is being written just now. */
function mayConcern(line: string, user: string): boolean {
  return line.endsWith('}') && line.includes(`"${user}"`);
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
