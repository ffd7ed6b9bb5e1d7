/**
 * Where the cluster is and who we are there, from a kubeconfig or from the pod we run in. The library reads every form of
 * that (exec plugins, token files, client certificates); requests are ours: its own client opens a connection for each
 * (`KubeConfig.createDispatcher`, 2.0.1), which is more than a claim takes. Loaded late: 435 ms and 89 MB.
 */
import https from 'node:https';
import type { AgentOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Problem } from '../../../contract/errors.ts';

export interface ClusterAccess {
  /** `https://…:6443`, without a slash at its end */
  readonly server: string;
  readonly agent: https.Agent;
  /** asked for each request: tokens are renewed in their file */
  headers(): Promise<Readonly<Record<string, string>>>;
  close(): void;
}

export interface AccessOptions {
  /** default: $KUBECONFIG, ~/.kube/config, or the pod's own account */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** connections of the API server that are kept: claims of a class come side by side */
const CONNECTIONS = 32;

/** @throws Problem `unavailable` where there is no kubeconfig, or it names no cluster */
export async function readKubeConfig(options: AccessOptions = {}): Promise<KubeConfig> {
  const client = await import('@kubernetes/client-node');
  const config = load(new client.KubeConfig(), options);
  if (config.getCurrentCluster() !== null) return config;
  throw new Problem(
    'unavailable',
    'The kubeconfig names no cluster. Choose one with `driver: { context: … }`.',
  );
}

/** @throws as `readKubeConfig` */
export async function openAccess(options: AccessOptions = {}): Promise<ClusterAccess> {
  const config = await readKubeConfig(options);
  const server = config.getCurrentCluster()?.server ?? '';
  const { ca, cert, key, rejectUnauthorized, servername } = await authOf(config);
  const given = Object.entries({ ca, cert, key, rejectUnauthorized, servername }).filter(
    ([, value]) => value !== undefined,
  );
  const agent = new https.Agent({
    keepAlive: true,
    maxSockets: CONNECTIONS,
    ...(Object.fromEntries(given) as AgentOptions),
  });
  return {
    server: server.replace(/\/$/, ''),
    agent,
    headers: async () => (await authOf(config)).headers,
    close: () => agent.destroy(),
  };
}

function load(config: KubeConfig, { kubeconfig, context }: AccessOptions): KubeConfig {
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw new Problem('unavailable', `The cluster's kubeconfig cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (context === undefined) return config;
  if (config.getContextObject(context) === null)
    throw new Problem('unavailable', `The kubeconfig has no context "${context}".`);
  config.setCurrentContext(context);
  return config;
}

async function authOf(config: KubeConfig) {
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const basic =
    typeof options.auth === 'string'
      ? { authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` }
      : {};
  return { ...options, headers: { ...(options.headers as Record<string, string> | undefined), ...basic } };
}
