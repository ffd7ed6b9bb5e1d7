/** A learner's DaskCluster as the lesson describes one: small, restricted, one image for all. */

const ROUTES = ['scheduler.info', 'scheduler.json', 'scheduler.api', 'health'].map(
  (name) => `distributed.http.${name}`,
);
const PORTS = [
  { name: 'tcp-comm', port: 8786, protocol: 'TCP' },
  { name: 'http-dashboard', port: 8787, protocol: 'TCP' },
];

export function daskCluster(name: string, image: string, workers: number): object {
  const selector = { 'dask.org/cluster-name': name, 'dask.org/component': 'scheduler' };
  return {
    apiVersion: 'kubernetes.dask.org/v1',
    kind: 'DaskCluster',
    metadata: { name },
    spec: {
      scheduler: {
        spec: pod('scheduler', image, ['--host', '0.0.0.0']),
        service: {
          type: 'ClusterIP',
          selector,
          ports: PORTS.map((port) => ({ ...port, targetPort: port.name })),
        },
      },
      worker: {
        replicas: workers,
        spec: pod('worker', image, ['--name', '$(DASK_WORKER_NAME)', '--nthreads', '1']),
      },
    },
  };
}

function pod(part: 'scheduler' | 'worker', image: string, args: readonly string[]): object {
  return {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: part,
        image,
        imagePullPolicy: 'Never',
        command: ['/opt/kit/bin/dask', part],
        args,
        env: [
          { name: 'HOME', value: '/tmp' },
          { name: 'DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES', value: JSON.stringify(ROUTES) },
        ],
        ...(part === 'scheduler'
          ? {
              ports: PORTS.map(({ name, port }) => ({ name, containerPort: port })),
              readinessProbe: { httpGet: { port: 'http-dashboard', path: '/health' }, periodSeconds: 1 },
            }
          : {}),
        resources: {
          requests: { cpu: '100m', memory: '300Mi' },
          limits: { cpu: '400m', memory: '300Mi' },
        },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
  };
}
