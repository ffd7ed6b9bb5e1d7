/** A kubeconfig as text (JSON is YAML): pure. */
export interface Access {
  /** of cluster and context */
  readonly name: string;
  readonly server: string;
  readonly user: string;
  /** PEM texts */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export function kubeconfigOf({ name, server, user, ca, certificate, key }: Access): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user } }],
    'current-context': name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
