/** Files of what runs pods: containerd, its network, kubelet, kube-proxy, the scheduler. Pure. */
import { join } from 'node:path';
import type { ClusterPlace } from '../place.ts';
import { BOX } from '../box/inside.ts';

/** the pause container of every pod */
export const PAUSE_IMAGE = 'localhost/palestra/pause:1';
/** 1,024 threads and processes a pod: JupyterLab with a Dask cluster has some 300 */
const POD_PIDS = 4096;
const MAX_PODS = 200;

/** containerd 1.6, Debian's: version 2 of its configuration, TOML. */
export function containerdConfiguration(place: ClusterPlace): string {
  const path = (...parts: readonly string[]) => JSON.stringify(join(...parts));
  return [
    'version = 2',
    `root = ${path(place.folders.data, 'containerd')}`,
    `state = ${path(BOX.containerdState)}`,
    'oom_score = 0',
    '[grpc]',
    `address = ${path(place.containerdSocket)}`,
    '[ttrpc]',
    `address = ${path(BOX.containerdState, 'ttrpc.sock')}`,
    '[plugins."io.containerd.grpc.v1.cri"]',
    `sandbox_image = ${JSON.stringify(PAUSE_IMAGE)}`,
    // without CAP_SYS_RESOURCE no process may be made less likely to be killed
    'restrict_oom_score_adj = true',
    'disable_apparmor = true',
    'enable_selinux = false',
    'max_container_log_line_size = 16384',
    '[plugins."io.containerd.grpc.v1.cri".cni]',
    'bin_dir = "/usr/lib/cni"',
    `conf_dir = ${path(BOX.network)}`,
    '[plugins."io.containerd.grpc.v1.cri".containerd]',
    'snapshotter = "overlayfs"',
    'default_runtime_name = "runc"',
    '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]',
    'runtime_type = "io.containerd.runc.v2"',
    '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]',
    'SystemdCgroup = false',
    '[plugins."io.containerd.internal.v1.opt"]',
    `path = ${path(place.folders.data, 'containerd-opt')}`,
    '',
  ].join('\n');
}

/** Pods on a bridge of the box; addresses given are forgotten with the box, as the pods' networks are. */
export function networkConfiguration(podCidr: string): object {
  return {
    cniVersion: '0.4.0',
    name: 'palestra',
    plugins: [
      {
        type: 'bridge',
        bridge: 'pods',
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podCidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: BOX.addresses,
        },
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  };
}

export function kubeletConfiguration(place: ClusterPlace): object {
  const pki = (name: string) => join(place.folders.pki, name);
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '0.0.0.0',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pki('kubelet-server.crt'),
    tlsPrivateKeyFile: pki('kubelet-server.key'),
    rotateCertificates: false,
    containerRuntimeEndpoint: `unix://${place.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    // pods of this cluster and no other's: two kubelets on one machine would clean each other's away
    cgroupRoot: `/${place.name}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDomain: 'cluster.local',
    clusterDNS: [place.addresses.dns],
    resolvConf: join(place.folders.etc, 'resolv.conf'),
    podPidsLimit: POD_PIDS,
    maxPods: MAX_PODS,
    // at most the hard limit of a process without CAP_SYS_RESOURCE
    maxOpenFiles: 20_000,
    oomScoreAdj: 0,
    seccompDefault: true,
    volumePluginDir: join(place.folders.data, 'kubelet/volume-plugins'),
    podLogsDir: join(place.folders.log, 'pods'),
    // an image that was loaded by hand cannot be pulled again
    imageMinimumGCAge: '87600h',
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      'memory.available': '200Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
    },
    systemReserved: { memory: '1Gi' },
    nodeStatusReportFrequency: '1m',
    // reads of pod changes may come as fast as 28 starts at once ask
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
  };
}

export function proxyConfiguration(place: ClusterPlace): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: place.name,
    clusterCIDR: place.addresses.pods,
    clientConnection: { kubeconfig: join(place.folders.etc, 'proxy.kubeconfig') },
    // these are the machine's and cannot be set from within a network namespace
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    oomScoreAdj: 0,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  };
}

export function schedulerConfiguration(place: ClusterPlace): object {
  return {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig: join(place.folders.etc, 'scheduler.kubeconfig'), qps: 200, burst: 400 },
    leaderElection: { leaderElect: false },
  };
}
