/** The pods of a double as one server sees them: a client, what is known, and the watch that keeps it so. */
import { createApi } from '../api/api.ts';
import type { Api } from '../api/api.ts';
import { createPodWatch } from '../pod-watch.ts';
import type { PodWatchOptions, WatchTimes } from '../pod-watch.ts';
import { createPods } from '../pods.ts';
import type { Pods } from '../pods.ts';
import type { ApiDouble } from './api-double.ts';

export interface WatchedPods extends AsyncDisposable {
  readonly api: Api;
  readonly pods: Pods;
}

/** Listed, and followed from now on; that the double has the watch already is not waited for. */
export async function watchPods(
  double: ApiDouble,
  times: WatchTimes,
  onLine: PodWatchOptions['onLine'] = () => undefined,
): Promise<WatchedPods> {
  const api = createApi(double.access);
  const pods = createPods();
  const path = '/api/v1/namespaces/n/pods';
  const watch = createPodWatch({ api, path, selector: 'x=y', pods, times, onLine });
  await watch.list();
  watch.follow();
  return {
    api,
    pods,
    async [Symbol.asyncDispose]() {
      await watch.close();
      api.close();
    },
  };
}
