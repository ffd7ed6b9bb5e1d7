/** The few questions that the *Data* tab asks of Rucio's REST interface, with the learner's own token. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { LakeRule } from '../../contract/lake.ts';
import type { Ask, Question } from '../ask.ts';
import { LakeOut, down, misbehaved, tokenRefused } from '../trouble.ts';
import {
  Attributes,
  Doors,
  DidLine,
  ElementLine,
  ReplicaLine,
  RuleLine,
  UsageLine,
  eachAs,
} from './answers.ts';
import { BOUNDS, readLines } from './lines.ts';

export const AUDIENCE = 'rucio';
/** what Rucio wants to see in a token before it looks at anything else (`expected_scope`) */
export const SCOPES = ['openid', 'profile'] as const;
/**
 * Rucio writes a token down at its first use; of two questions that bring the same new one at once, one is answered
 * 401 (41.5.1: the second row of the same token). Where nothing is wrong with a token, it is shown once more.
 */
const AGAIN_MS = 300;
const STREAM = 'application/x-json-stream';

export interface Listed<T> {
  readonly items: readonly T[];
  /** there was more than is read */
  readonly cut: boolean;
}
export interface RucioElement extends ElementLine {
  readonly site: string | null;
  /** of its doors, without ports */
  readonly hosts: readonly string[];
}
export interface Rucio {
  rules(account: string): Promise<Listed<LakeRule>>;
  dids(scope: string): Promise<Listed<DidLine>>;
  /** of files, and of the files in datasets, each once */
  replicas(dids: readonly DidLine[]): Promise<Listed<ReplicaLine>>;
  usage(account: string): Promise<readonly UsageLine[]>;
  elements(): Promise<readonly RucioElement[]>;
}

/** Every failure is a LakeOut. @param token what `identity` gave for `AUDIENCE` and `SCOPES` */
export function rucioOf(ask: Ask, token: string, signal: AbortSignal): Rucio {
  const headers = { 'x-rucio-auth-token': token, accept: STREAM };

  const send = async (question: Question, again = true): Promise<IncomingMessage> => {
    const answer = await ask({ ...question, headers: { ...headers, ...question.headers } }, signal);
    if (answer.statusCode === 200) return answer;
    answer.resume();
    const refused = refusal(answer, token);
    if (again && refused.trouble.reason === 'not-admitted') {
      await delay(AGAIN_MS, undefined, { signal });
      return send(question, false);
    }
    throw refused;
  };
  const list = async <T extends z.ZodType>(
    question: Question,
    schema: T,
    what: string,
  ): Promise<Listed<z.output<T>>> => {
    const { lines, cut } = await readLines(await send(question));
    return { items: eachAs(schema, lines, what), cut };
  };
  return {
    rules: (account) => list({ path: `/accounts/${part(account)}/rules` }, RuleLine, 'a rule'),
    dids: (scope) =>
      list(
        {
          path: `/dids/${part(scope)}/dids/search?type=all&long=True&name=*&limit=${String(BOUNDS.lines + 1)}`,
        },
        DidLine,
        'a name',
      ),
    async replicas(dids) {
      if (dids.length === 0) return { items: [], cut: false };
      const body = JSON.stringify({
        dids: dids.map(({ scope, name }) => ({ scope, name })),
        all_states: true,
        unavailable: true,
        resolve_archives: false,
        // a query for each file of theirs: only where there is a dataset to be in
        resolve_parents: dids.some(({ kind }) => kind !== 'file'),
      });
      const question = { method: 'POST', path: '/replicas/list', body } as const;
      return list({ ...question, headers: { 'content-type': 'application/json' } }, ReplicaLine, 'a copy');
    },
    async usage(account) {
      return (await list({ path: `/accounts/${part(account)}/usage/local` }, UsageLine, 'a quota')).items;
    },
    async elements() {
      const { items } = await list({ path: '/rses/' }, ElementLine, 'an element');
      return Promise.all(
        items.map(async (item) => ({
          ...item,
          ...(await attributesOf(send, item.name)),
          hosts: await hostsOf(send, item.name),
        })),
      );
    },
  };
}

type Send = (question: Question) => Promise<IncomingMessage>;
/** `nature=tape` is this platform's word, `rse_type` Rucio's. */
async function attributesOf(send: Send, name: string): Promise<{ site: string | null; tape?: true }> {
  const answer = await send({ path: `/rses/${part(name)}/attr/`, headers: { accept: 'application/json' } });
  const [attributes = {}] = eachAs(Attributes, (await readLines(answer)).lines, 'an element’s attributes');
  const site = attributes['site'];
  return {
    site: typeof site === 'string' ? site : null,
    ...(attributes['nature'] === 'tape' ? { tape: true } : {}),
  };
}

async function hostsOf(send: Send, name: string): Promise<readonly string[]> {
  const answer = await send({ path: `/rses/${part(name)}`, headers: { accept: 'application/json' } });
  const [rse] = eachAs(Doors, (await readLines(answer)).lines, 'an element’s doors');
  return [...new Set(rse?.protocols.map(({ hostname }) => hostname))];
}

function part(text: string): string {
  return encodeURIComponent(text);
}

/** Which no it was: Rucio names the exception in a header. */
function refusal({ statusCode = 0, headers }: IncomingMessage, token: string): LakeOut {
  const exception = String(headers['exceptionclass'] ?? '');
  const cause = new Error(`${String(statusCode)} ${exception}: ${String(headers['exceptionmessage'] ?? '')}`);
  if (statusCode === 401 || statusCode === 403 || exception === 'AccountNotFound')
    return new LakeOut(tokenRefused(token, AUDIENCE, SCOPES, Date.now()), { cause });
  if (statusCode >= 500) return new LakeOut(down(`it answers ${String(statusCode)}`), { cause });
  return new LakeOut(misbehaved(`${String(statusCode)} ${exception}`.trim()), { cause });
}
