/** One small image for tests of the cluster itself: Debian's static busybox, and pods of it that `restricted` lets in. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { writeProgramImage } from '../../../infra/dev-cluster/images/archive.ts';
import { installPackages, missingPackages } from '../../../infra/machine/packages.ts';
import type { Cluster } from './cluster.ts';

const BUSYBOX = 'localhost/palestra/busybox:1';

/** Idempotent. */
export async function loadBusybox(cluster: Cluster): Promise<void> {
  const missing = await missingPackages(['busybox-static']);
  if (missing.length > 0) await installPackages(missing, AbortSignal.timeout(120_000));
  const archive = join(tmpdir(), `palestra-busybox-${process.pid}.tar`);
  try {
    await writeProgramImage(
      { program: '/bin/busybox', reference: BUSYBOX, command: ['/busybox', 'sh'] },
      archive,
    );
    await cluster.load(archive);
  } finally {
    await rm(archive, { force: true });
  }
}

/** of a pod that runs one line of shell, in which each program is `/busybox NAME` */
export function podSpec(script: string): object {
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'busybox',
        image: BUSYBOX,
        imagePullPolicy: 'Never',
        command: ['/busybox', 'sh', '-c', script],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  };
}

export function pod(namespace: string, name: string, script: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: { app: name } },
    spec: podSpec(script),
  };
}

export function namespace(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
}

export function defaultDeny(namespaceName: string): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace: namespaceName, name: 'default-deny' },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
  };
}
