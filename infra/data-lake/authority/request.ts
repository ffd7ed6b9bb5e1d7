/** What is asked of openssl for the authority and for a host: configurations as text, pure. */

import type { Lifetime } from '../../machine/certificate.ts';

const DAY = 86_400_000;

/** five years: learners' sandboxes are told it anew at each claim, so its end is nobody's surprise */
export const AUTHORITY_LIFE: Lifetime = { days: 1825, renewWithin: 365 * DAY };
/** as public authorities do it; a lake that runs longer than 60 days without `up` renews by itself at the next one */
export const HOST_LIFE: Lifetime = { days: 90, renewWithin: 30 * DAY };

const AUTHORITY_NAME = 'Palestra lake authority';

/**
 * Configuration of the authority's own certificate. It may sign names below `domain` and nothing else, so that a
 * learner who trusts it on their own machine has trusted it with nothing of theirs.
 */
export function authorityConfiguration(domain: string): string {
  return [
    '[req]',
    'prompt = no',
    'distinguished_name = name',
    'x509_extensions = extensions',
    '[name]',
    'O = Palestra',
    `CN = ${AUTHORITY_NAME}`,
    '[extensions]',
    'basicConstraints = critical, CA:TRUE, pathlen:0',
    'keyUsage = critical, keyCertSign, cRLSign',
    'subjectKeyIdentifier = hash',
    `nameConstraints = critical, permitted;DNS:${domain}`,
    '',
  ].join('\n');
}

/** Configuration of one host's certificate; client authentication too, since XRootD shows it when it pulls. */
export function hostConfiguration(host: string): string {
  return [
    '[req]',
    'prompt = no',
    'distinguished_name = name',
    '[name]',
    'O = Palestra',
    `CN = ${host}`,
    '[extensions]',
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature',
    'extendedKeyUsage = serverAuth, clientAuth',
    'subjectKeyIdentifier = hash',
    'authorityKeyIdentifier = keyid',
    `subjectAltName = DNS:${host}`,
    '',
  ].join('\n');
}

/** `iam.palestra.test` → `palestra.test` */
export function domainOf(host: string): string {
  return host.slice(host.indexOf('.') + 1);
}
