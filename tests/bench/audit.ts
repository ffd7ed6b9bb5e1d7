/** What the cluster's API server wrote down of who did what: `log/audit.jsonl` of the dev cluster. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const Line = z.object({
  stage: z.string(),
  verb: z.string(),
  userAgent: z.string().default(''),
  requestReceivedTimestamp: z.string(),
  stageTimestamp: z.string(),
  objectRef: z
    .object({
      resource: z.string().optional(),
      namespace: z.string().optional(),
      name: z.string().optional(),
      subresource: z.string().optional(),
    })
    .default({}),
});
export interface Call {
  readonly verb: string;
  /** e.g. `pods`, `pods/status` */
  readonly resource: string;
  /** by a server of ours, whose client names no program */
  readonly ours: boolean;
  /** ms since the epoch */
  readonly at: number;
  /** how long the API server had it, ms */
  readonly ms: number;
}
const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** The writes to objects of a namespace, oldest first. @param file of the cluster */
export async function writesIn(file: string, namespace: string): Promise<readonly Call[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.includes(`"${namespace}"`));
  return lines
    .map((line) => Line.parse(JSON.parse(line)))
    .filter(({ stage, verb }) => stage === 'ResponseComplete' && WRITES.has(verb))
    .filter(({ objectRef }) => objectRef.namespace === namespace)
    .map(callOf)
    .sort((a, b) => a.at - b.at);
}

function callOf({ verb, userAgent, objectRef, ...times }: z.infer<typeof Line>): Call {
  const at = Date.parse(times.requestReceivedTimestamp);
  const { resource = '', subresource } = objectRef;
  return {
    verb,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    ours: userAgent === '',
    at,
    ms: micros(times.stageTimestamp) - micros(times.requestReceivedTimestamp),
  };
}

/** with the six digits that `Date` cuts to three, ms */
function micros(timestamp: string): number {
  return Date.parse(timestamp) + Number(/\.\d{3}(\d{3})Z$/.exec(timestamp)?.[1] ?? 0) / 1000;
}
