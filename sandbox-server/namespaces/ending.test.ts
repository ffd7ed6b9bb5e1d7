import { describe, expect, it } from 'vitest';
import { stuckOf } from './ending.ts';

const namespace = (metadata: object, conditions: readonly object[] = []) => ({
  metadata: { name: 'palestra-u-0044322908c7', ...metadata },
  status: { phase: 'Terminating', conditions },
});

describe('F21 what is said of a namespace that does not end', () => {
  it('is nothing of one that lives', () => {
    expect(stuckOf(namespace({ labels: {} }))).toBeNull();
  });
  it('is whose it is, since when, the objects noted at its end and the API server’s own words', () => {
    const annotations = {
      'palestra.dev/login': 'ada',
      'palestra.dev/held-by': [
        'DaskCluster mine (kubernetes.dask.org/cleanup, a.example/c)',
        'ConfigMap x (a.example/b)',
        'Pod job (at the site recas, which has to confirm its end)',
      ].join('\n'),
    };
    const stuck = stuckOf(
      namespace({ annotations, deletionTimestamp: '2026-11-24T18:00:00Z' }, [
        { type: 'NamespaceFinalizersRemaining', status: 'True', message: 'in 1 resource instances' },
        { type: 'NamespaceContentRemaining', status: 'False', message: 'All content successfully removed' },
        { type: 'NamespaceDeletionDiscoveryFailure', status: 'True', message: 'another matter' },
      ]),
    );
    expect(stuck).toEqual({
      namespace: 'palestra-u-0044322908c7',
      login: 'ada',
      since: Date.parse('2026-11-24T18:00:00Z'),
      heldBy: [
        'DaskCluster mine (kubernetes.dask.org/cleanup, a.example/c)',
        'ConfigMap x (a.example/b)',
        'Pod job (at the site recas, which has to confirm its end)',
        'in 1 resource instances',
      ],
    });
  });
});
