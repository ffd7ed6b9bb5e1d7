/**
 * The API server as this room uses it: server-side apply, reads, removal, tokens. Objects cross as the JSON that they
 * are. Each call is bounded in time and tried a few times where trying again can help and cannot harm.
 */
import { Agent, type RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import type { KubernetesObject, Metadata } from '../objects/kubernetes.ts';
import { pathOf, type KindName } from './kinds.ts';
import { ClusterRefusal, ClusterSilence, unlessAbsent } from './refusal.ts';
import { send } from './send.ts';

export interface Found {
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}
export interface Ref {
  readonly kind: KindName;
  readonly name: string;
  readonly namespace?: string;
}
/** A deletion that fails with 409 where the object is another or has changed since. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface Cluster {
  /** server-side apply: made where absent, otherwise our fields brought to what is said */
  apply(object: KubernetesObject): Promise<Found>;
  get(ref: Ref): Promise<Found | null>;
  list(
    kind: KindName,
    at?: { readonly namespace?: string; readonly labels?: string },
  ): Promise<readonly Found[]>;
  /** @returns false where it was not there */
  remove(ref: Ref, preconditions?: Preconditions): Promise<boolean>;
  /** POST to a subresource: not repeated */
  post(ref: Ref & { readonly sub: string }, body: object): Promise<Found>;
  /** how this process reaches it */
  readonly server: { readonly url: string; readonly ca: string };
  close(): void;
}
const MANAGER = 'palestra';
const TIMEOUT_MS = 10_000;
const TRIES = 4;
const PAGE = 500;

export interface ClusterOptions {
  readonly kubeConfig: KubeConfig;
  /** ms; tests */
  readonly timeout?: number;
}

export async function connectCluster({ kubeConfig, timeout = TIMEOUT_MS }: ClusterOptions): Promise<Cluster> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const server = await serverOf(kubeConfig);
  const once = async (method: string, path: string, body?: object, type = 'application/json') => {
    const options: RequestOptions = { method, headers: { accept: 'application/json' } };
    await kubeConfig.applyToHTTPSOptions(options);
    const headers = { ...options.headers, ...(body === undefined ? {} : { 'content-type': type }) };
    return send(new URL(`${server.url}${path}`), { ...options, agent, headers }, body, timeout);
  };
  const call = (...what: Parameters<typeof once>) => patiently(() => once(...what));
  return {
    async apply(object) {
      const path = pathOf(object.kind, object.metadata);
      const query = `?fieldManager=${MANAGER}&force=true`;
      return asFound(await call('PATCH', path + query, object, 'application/apply-patch+yaml'));
    },
    get: (ref) => unlessAbsent(async () => asFound(await call('GET', pathOf(ref.kind, ref))), null),
    async list(kind, { labels, ...at } = {}) {
      const found: Found[] = [];
      let next = '';
      do {
        const query = new URLSearchParams({
          limit: String(PAGE),
          ...(labels === undefined ? {} : { labelSelector: labels }),
          ...(next === '' ? {} : { continue: next }),
        });
        const page = asList(await call('GET', `${pathOf(kind, at)}?${query.toString()}`));
        found.push(...page.items);
        next = page.next;
      } while (next !== '');
      return found;
    },
    remove: (ref, preconditions) =>
      unlessAbsent(async () => {
        await call('DELETE', pathOf(ref.kind, ref), {
          propagationPolicy: 'Background',
          ...(preconditions === undefined ? {} : { preconditions }),
        });
        return true;
      }, false),
    post: async (ref, body) => asFound(await once('POST', pathOf(ref.kind, ref), body)),
    server,
    close: () => {
      agent.destroy();
    },
  };
}

async function serverOf(kubeConfig: KubeConfig): Promise<Cluster['server']> {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) throw new TypeError('the kubeconfig names no cluster');
  const options: RequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  const ca = Buffer.isBuffer(options.ca) || typeof options.ca === 'string' ? options.ca.toString() : '';
  return { url: cluster.server.replace(/\/$/, ''), ca };
}

/** Apply, get, list and delete are the same done twice; a server that is busy or away gets a little time (F10). */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let n = 1; ; n += 1) {
    try {
      return await work();
    } catch (error) {
      const wait = waitAfter(error, n);
      if (wait === null || n === TRIES) throw error;
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}

/** ms before the next try; null: trying again changes nothing. */
export function waitAfter(error: unknown, tries: number): number | null {
  const backOff = 250 * 2 ** (tries - 1);
  if (error instanceof ClusterSilence) return backOff;
  if (!(error instanceof ClusterRefusal)) return null;
  if (error.status !== 429 && error.status < 500) return null;
  return Math.max(backOff, Math.min(5, error.retryAfter ?? 0) * 1000);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
/** The API server is the operator's: its answers are looked at for shape, not for malice. */
function asFound(value: unknown): Found {
  if (!isRecord(value)) throw new ClusterSilence(new Error('an answer that is no object'));
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {};
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  return { ...value, metadata: { ...metadata, name } };
}
function asList(value: unknown): { items: Found[]; next: string } {
  if (!isRecord(value)) throw new ClusterSilence(new Error('an answer that is no list'));
  const items = Array.isArray(value['items']) ? value['items'] : [];
  const metadata = isRecord(value['metadata']) ? value['metadata'] : {};
  const next = metadata['continue'];
  return { items: items.map(asFound), next: typeof next === 'string' ? next : '' };
}
