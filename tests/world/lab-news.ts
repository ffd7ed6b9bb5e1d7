/**
 * A lab followed as the page follows it: by the learner's event stream. Asking again and again, every 10 ms as it once
 * was, cost the server three times what 28 starts at once cost it themselves.
 */
import type { LearnerEvent } from '../../sandbox-server/contract/events.ts';
import type { Lab } from '../../sandbox-server/contract/lab.ts';
import type { Visitor } from './visitor.ts';

/**
 * @param patience ms
 * @param onNews each sight of it on the way
 * @returns the lab once it is ready
 * @throws Error with the lab's own problem, where it fails or ends; or its stages, where patience is over
 */
export async function untilReady(
  person: Visitor,
  first: Lab,
  patience: number,
  onNews: (lab: Lab) => void = () => undefined,
): Promise<Lab> {
  const over = AbortSignal.timeout(patience);
  let last = first;
  try {
    for await (const lab of newsOf(person, first.id, over)) {
      last = lab;
      onNews(lab);
      if (lab.state === 'ready') return lab;
      if (lab.problem !== null || lab.state === 'failed' || lab.state === 'ended')
        throw new Error(`the lab is ${lab.state}: ${lab.problem?.message ?? ''}`);
    }
    throw new Error('its events ended');
  } catch (error) {
    if (!over.aborted) throw error;
    throw new Error(`the lab was still ${last.state} after ${patience} ms: ${JSON.stringify(last.stages)}`, {
      cause: error,
    });
  }
}

/** The lab as it stands, then each change of it, until the stream ends. */
async function* newsOf(person: Visitor, lab: string, signal: AbortSignal): AsyncGenerator<Lab> {
  const response = await person.ask('GET', '/api/events', undefined, signal);
  if (!response.ok || response.body === null)
    throw new Error(`GET /api/events: ${response.status} ${await response.text()}`);
  // one that ended before the stream began is in no event
  yield await person.json<Lab>('GET', `/api/labs/${lab}`);
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (text + chunk).split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const said = dataOf(event);
      if (said?.type === 'lab' && said.lab.id === lab) yield said.lab;
    }
  }
}

/** null: a sign of life */
function dataOf(event: string): LearnerEvent | null {
  const data = /^data: (.*)$/m.exec(event)?.[1];
  return data === undefined || /^event: /m.test(event) ? null : (JSON.parse(data) as LearnerEvent);
}
