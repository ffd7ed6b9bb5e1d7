/** What main.ts may import of identity; other rooms' types are in `face.ts`. */
export { createIdentity } from './login/identity.ts';
export {
  createProvider,
  prepareProvider,
  prepareSecrets,
  type DevelopmentProvider,
} from './provider/provider.ts';
export type { SecondName } from './provider/second-name.ts';
export { secretKeyAt } from './secret-key.ts';
