/** What an API server of Kubernetes asks that is to take tokens of our issuer (structured authentication, `discoveryURL`). */
import { z } from 'zod';
import type { App, Rooms } from '../app.ts';
import { answers } from './answers.ts';

const Document = z.object({
  issuer: z.string(),
  jwks_uri: z.string(),
  id_token_signing_alg_values_supported: z.array(z.string()),
});

export function clusterRoutes(app: App, { identity }: Pick<Rooms, 'identity'>): void {
  app.get(
    '/cluster/.well-known/openid-configuration',
    { schema: { tags: ['cluster'], response: answers(Document) } },
    async () => {
      const { id_token_signing_alg_values_supported: algorithms, ...rest } =
        await identity.clusterDiscovery();
      return { ...rest, id_token_signing_alg_values_supported: [...algorithms] };
    },
  );
}
