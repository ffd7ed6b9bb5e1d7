/** What a person may set about a cluster; kept in its folder, so that the next `up` knows it. */
import { z } from 'zod';

export const Settings = z.strictObject({
  /** whose tokens the API server takes besides certificates and its own */
  oidc: z
    .strictObject({
      issuer: z.url({ protocol: /^https$/ }),
      /** the audience that a token must be for */
      audience: z.string().min(1).default('palestra-cluster'),
      /** PEM text of the authority of the issuer's certificate; absent: the system's */
      ca: z.string().optional(),
      /** where its discovery document is, when not below the issuer */
      discoveryUrl: z.url({ protocol: /^https$/ }).optional(),
    })
    .nullable()
    .default(null),
});
export type Settings = z.infer<typeof Settings>;
