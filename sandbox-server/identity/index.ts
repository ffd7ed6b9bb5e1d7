/** What other rooms and main.ts may import of identity. */
export { createIdentity, type IdentityOptions } from './login/identity.ts';
export { createProvider, type DevelopmentProvider, type ProviderOptions } from './provider/provider.ts';
export { secretKeyAt } from './secret-key.ts';
export type { Entitlements, Identity, Person, SandboxToken, SignedIn } from './face.ts';
