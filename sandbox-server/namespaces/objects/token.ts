/** The request for a token that lives as long as its lab, and the kubeconfig that reads it from a file. Pure. */
import { LEARNER } from './names.ts';
import type { Owner } from './kubernetes.ts';

/** No audience: only the API server's own works with kubectl (finding 5). */
export function tokenRequest(owner: Owner, seconds: number) {
  return {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences: [],
      expirationSeconds: Math.max(600, seconds),
      boundObjectRef: owner,
    },
  };
}

export interface ApiServer {
  readonly url: string;
  /** PEM */
  readonly ca: string;
}

const CREDENTIAL = 'client.authentication.k8s.io/v1beta1';
/** Prints the file that is its name, as what clients take for a credential. A token has no character that JSON minds. */
const READ_TOKEN = `printf '{"apiVersion":"${CREDENTIAL}","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat "$0")"`;

/**
 * Asks a program for the token rather than naming its file: `tokenFile` is unknown to kr8s (0.20), and so to Dask.
 * v1beta1, for Debian's kubectl (1.20) knows no other.
 * @param tokenFile absolute, as the sandbox sees it: rewritten by the agent, read anew when a token is refused
 */
export function kubeconfig(namespace: string, server: ApiServer, tokenFile: string): string {
  const ca = Buffer.from(server.ca).toString('base64');
  return [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    `- { name: palestra, cluster: { server: ${JSON.stringify(server.url)}, certificate-authority-data: ${ca} } }`,
    'users:',
    `- name: ${LEARNER}`,
    '  user:',
    '    exec:',
    `      apiVersion: ${CREDENTIAL}`,
    '      interactiveMode: Never',
    '      command: sh',
    `      args: [-c, ${JSON.stringify(READ_TOKEN)}, ${JSON.stringify(tokenFile)}]`,
    'contexts:',
    `- { name: palestra, context: { cluster: palestra, user: ${LEARNER}, namespace: ${namespace} } }`,
    'current-context: palestra',
    '',
  ].join('\n');
}
