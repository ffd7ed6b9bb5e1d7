/** The few files of /etc that a sandbox needs; nothing of the host's but certificates, links and the loader's cache. */

/** Everyone is uid 1000 inside: the learner's own name is in the prompt and $USER, and comes with the claim. */
export const UID_INSIDE = 1000;

/** File name → content; pure. @param names of services, which are all on the sandbox's own loopback */
export function etcFiles(names: readonly string[] = []): Readonly<Record<string, string>> {
  return {
    passwd: lines(
      'root:x:0:0:root:/nonexistent:/usr/sbin/nologin',
      `learner:x:${UID_INSIDE}:${UID_INSIDE}:Learner:/home/learner:/bin/bash`,
      'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    ),
    group: lines('root:x:0:', `learner:x:${UID_INSIDE}:`, 'nogroup:x:65534:'),
    hosts: lines(
      '127.0.0.1 localhost lab',
      '::1 localhost ip6-localhost ip6-loopback',
      ...names.map((name) => `127.0.0.1 ${name}`),
    ),
    hostname: lines('lab'),
    // names come from /etc/hosts alone: there is no network to ask
    'nsswitch.conf': lines(
      'passwd: files',
      'group: files',
      'hosts: files',
      'services: files',
      'protocols: files',
    ),
    'resolv.conf': '',
    'host.conf': lines('multi on'),
    shells: lines('/bin/sh', '/bin/bash'),
    profile: lines('umask 022'),
  };
}

/** Of the host's /etc, read-only, where they exist: public by nature, and too alive to copy. */
export const HOST_ETC = [
  'alternatives',
  'ca-certificates',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'nanorc',
  'pki',
  'protocols',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'vim',
] as const;

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
