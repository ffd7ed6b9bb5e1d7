/** Labels and annotations of ours, in one place: the chart's policies and budgets select by them. */
export const LABEL = {
  app: 'app',
  name: 'app.kubernetes.io/name',
  managedBy: 'app.kubernetes.io/managed-by',
  kit: 'palestra.dev/kit',
  /** of the pod's template: image, bounds, everything */
  version: 'palestra.dev/version',
  lab: 'palestra.dev/lab',
  templateHash: 'pod-template-hash',
} as const;
export const ANNOTATION = {
  image: 'palestra.dev/image',
  pin: 'palestra.dev/pin',
  claimedAt: 'palestra.dev/claimed-at',
  /** a server ends it: no other calls it lost */
  released: 'palestra.dev/released-at',
  /** its node is to be emptied, asked for then: a server saves its home, tells its learner and ends it */
  leave: 'palestra.dev/leave-asked-at',
  /** the cluster's autoscaler leaves nodes with learners alone */
  evict: 'cluster-autoscaler.kubernetes.io/safe-to-evict',
} as const;
export const NAME = 'palestra-sandbox';
export const WARM = 'warm';
export const CLAIMED = 'claimed';
export const AGENT_PORT = 7070;
/** as the agent lays certificates (agent/pod/config.ts) */
export const SERVICES_FOLDER = '/run/palestra/services';
/** on a pool's new pods: the scheduler leaves them until a server takes it away (decision 015) */
export const GATE = 'palestra.dev/after-starts';
export const KEYS = 'palestra-ticket-keys';
