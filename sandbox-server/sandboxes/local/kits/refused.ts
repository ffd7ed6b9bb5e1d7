/**
 * What no kit may ask for: a kit is an environment, and how its pod is guarded is the server's and the cluster's to say.
 * The schema knows none of these words; they are looked for anywhere in the file so that the answer names the field.
 */

/** where images of kits are named: a site with a registry of its own sets it for builder, lint and server alike */
export const IMAGE_PREFIX = process.env['PALESTRA_IMAGES'] ?? 'localhost/palestra/';

const GUARDED = new Set(
  [
    'privileged',
    'hostPath',
    'hostNetwork',
    'hostPID',
    'hostIPC',
    'hostUsers',
    'hostPort',
    'allowPrivilegeEscalation',
    'capabilities',
    'securityContext',
    'runAsUser',
    'runAsNonRoot',
    'seccompProfile',
    'procMount',
    'volumes',
    'devices',
    'serviceAccountName',
    'automountServiceAccountToken',
  ].map((word) => word.toLowerCase()),
);
const DEEPEST = 20;

/** @returns paths of fields that no kit may have, in the order of the file, e.g. `pod.securityContext.privileged` */
export function askedTooMuch(value: unknown, at: readonly string[] = []): readonly string[] {
  if (typeof value !== 'object' || value === null || at.length > DEEPEST) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const path = [...at, key];
    const below = askedTooMuch(inner, path);
    if (below.length > 0) return below;
    // names of variables are the author's own
    return at[0] !== 'env' && GUARDED.has(key.toLowerCase().replaceAll('_', '')) ? [path.join('.')] : [];
  });
}

/** A tag or a digest, below the prefix; nothing that a path could climb with. */
export function imageIsAllowed(reference: string): boolean {
  if (!reference.startsWith(IMAGE_PREFIX)) return false;
  const rest = reference.slice(IMAGE_PREFIX.length);
  return /^[a-z0-9][a-z0-9-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$/.test(rest);
}
