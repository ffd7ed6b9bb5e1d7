/** What is built of which module, and how: pure. The words of the build line are part of what a binary is named by. */
export type BinaryName = 'kube' | 'etcd' | 'kube-router' | 'coredns' | 'helm';

export interface Recipe {
  readonly name: BinaryName;
  /** of the module's folder, or one of its tools */
  readonly package: string;
  readonly ldflags: string;
  /** a module that is built with a patch of ours: a file of the module's folder */
  readonly mended?: { readonly module: string; readonly patch: string };
  /** CPU minutes of a first build, for who waits */
  readonly minutes: number;
}

const KUBERNETES = 'v1.34.4';

export const RECIPES: Readonly<Record<BinaryName, Recipe>> = {
  kube: { name: 'kube', package: '.', ldflags: kubernetesFlags(), minutes: 12 },
  etcd: { name: 'etcd', package: '.', ldflags: '-s -w', minutes: 1 },
  'kube-router': {
    name: 'kube-router',
    package: 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router',
    ldflags: '-s -w',
    mended: { module: 'github.com/cloudnativelabs/kube-router/v2', patch: 'no-pod-before-its-policy.patch' },
    minutes: 5,
  },
  coredns: { name: 'coredns', package: 'github.com/coredns/coredns', ldflags: '-s -w', minutes: 4 },
  helm: { name: 'helm', package: 'helm.sh/helm/v3/cmd/helm', ldflags: '-s -w', minutes: 2 },
};

/** What a running cluster needs; helm is for charts. */
export const OF_A_CLUSTER: readonly BinaryName[] = ['kube', 'etcd', 'kube-router', 'coredns'];

/** the version is told to both packages that say it; the date is fixed, so that the same source is the same binary */
function kubernetesFlags(): string {
  const words = ['-s', '-w'];
  for (const home of ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'])
    words.push(
      ...setting(home, 'gitVersion', KUBERNETES),
      ...setting(home, 'gitMajor', '1'),
      ...setting(home, 'gitMinor', KUBERNETES.split('.')[1] ?? ''),
      ...setting(home, 'gitTreeState', 'archive'),
      ...setting(home, 'gitCommit', KUBERNETES),
      ...setting(home, 'buildDate', '1970-01-01T00:00:00Z'),
    );
  return words.join(' ');
}

function setting(home: string, name: string, value: string): readonly string[] {
  return ['-X', `${home}.${name}=${value}`];
}

/** Words after `go`. */
export function buildWords(recipe: Recipe, output: string): readonly string[] {
  return [
    ...['build', '-mod=readonly', '-trimpath', '-buildvcs=false'],
    ...['-ldflags', recipe.ldflags, '-o', output, recipe.package],
  ];
}
