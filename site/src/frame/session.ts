/** Who is looking at this page. Asked once a page; every part of it shares the answer. */
import type { Session } from '../../../sandbox-server/contract/api.ts';

let asked: Promise<Session | null> | undefined;

/** @returns null where there is no server behind these files (or it does not answer): the static edition */
export function session(): Promise<Session | null> {
  asked ??= ask();
  return asked;
}

async function ask(): Promise<Session | null> {
  try {
    const reply = await fetch('/api/session', { headers: { accept: 'application/json' } });
    if (!reply.ok || !reply.headers.get('content-type')?.includes('json')) return null;
    return (await reply.json()) as Session;
  } catch (error) {
    // fetch says "no answer" with a TypeError, half an answer with a SyntaxError
    if (error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}
