/** Whole objects, said as they are to be; the API server works out what that changes (server-side apply). */
import { z } from 'zod';
import type { Api } from './api/api.ts';

/** whose fields they are */
const MANAGER = 'palestra';
const Named = z.object({ metadata: z.object({ name: z.string() }) });

/** Makes or changes it; said twice it changes nothing. @param collection `/api/v1/namespaces/…/configmaps` */
export async function apply(api: Api, collection: string, object: object): Promise<void> {
  const { name } = Named.parse(object).metadata;
  await api.call({
    method: 'PATCH',
    path: `${collection}/${encodeURIComponent(name)}`,
    query: { fieldManager: MANAGER, force: true },
    type: 'application/apply-patch+yaml',
    body: object,
    again: 'passing',
  });
}

export const deploymentsPath = (namespace: string): string =>
  `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments`;
export const configMapsPath = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;
