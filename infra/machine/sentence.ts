/** An error as a sentence, and as commands print it. */
import { Problem } from '../../sandbox-server/contract/errors.ts';

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function errorOf(error: unknown): { code: string; message: string; todo: string } {
  const todo = error instanceof Problem ? error.details?.['todo'] : undefined;
  return {
    code: error instanceof Problem ? error.code : 'internal',
    message: sentenceOf(error).slice(0, 2000),
    todo: typeof todo === 'string' ? todo : '',
  };
}
