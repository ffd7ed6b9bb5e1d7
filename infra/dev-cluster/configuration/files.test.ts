import { describe, expect, it } from 'vitest';
import { clusterPlace } from '../place.ts';
import { AUTHENTICATION, configurationFiles } from './files.ts';
import { networkConfiguration } from './node.ts';
import { Settings } from './settings.ts';

const place = clusterPlace({ root: '/s/cluster', number: 2, cache: '/c' });
const files = (settings: object = {}) => configurationFiles(place, Settings.parse(settings));
const json = (name: string, settings?: object) =>
  JSON.parse(files(settings)[name] ?? '') as Record<string, unknown>;

describe('who is let in', () => {
  it('nobody is anonymous but for questions about health, and no issuer is trusted unasked', () => {
    expect(json(AUTHENTICATION)).toEqual({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      jwt: [],
      anonymous: {
        enabled: true,
        conditions: [{ path: '/livez' }, { path: '/readyz' }, { path: '/healthz' }],
      },
    });
  });

  it('an issuer is trusted for one audience, its users and groups under a prefix', () => {
    const oidc = { issuer: 'https://iam.example.org/', ca: 'PEM' };
    const [trusted] = json(AUTHENTICATION, { oidc })['jwt'] as [Record<string, object>];
    expect(trusted['issuer']).toEqual({
      url: 'https://iam.example.org/',
      audiences: ['palestra-cluster'],
      audienceMatchPolicy: 'MatchAny',
      certificateAuthority: 'PEM',
    });
    const mappings = JSON.stringify(trusted['claimMappings']);
    expect(mappings).toContain("'iam:' + claims.sub");
    expect(mappings).toContain('wlcg.groups');
  });

  it.each(['http://iam.example.org/', 'iam.example.org', ''])('%j is no issuer', (issuer) =>
    expect(Settings.safeParse({ oidc: { issuer } }).success).toBe(false),
  );
});

describe('what pods may ask', () => {
  it('a namespace without a label is held to baseline; kube-system alone is not', () => {
    const [security] = json('admission.json')['plugins'] as [{ configuration: object }];
    expect(security.configuration).toMatchObject({
      defaults: { enforce: 'baseline', warn: 'restricted' },
      exemptions: { namespaces: ['kube-system'] },
    });
  });
});

describe('the node', () => {
  it('keeps its pods below its own cgroup, images for good, and at least 1,024 processes a pod', () => {
    const kubelet = json('kubelet.json');
    expect(kubelet).toMatchObject({
      cgroupRoot: '/palestra-2',
      imageGCHighThresholdPercent: 100,
      clusterDNS: ['10.202.0.10'],
      authentication: { anonymous: { enabled: false } },
      seccompDefault: true,
    });
    expect(kubelet['podPidsLimit']).toBeGreaterThanOrEqual(1024);
  });

  it('touches no kernel setting that is the machine’s', () => {
    expect(json('proxy.json')['conntrack']).toEqual({
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: '0s',
      tcpCloseWaitTimeout: '0s',
    });
  });

  it('writes outside its folder only into the box', () => {
    for (const text of Object.values(files())) {
      const paths = [...text.matchAll(/"(\/[^"]*)"/g)].map((found) => found[1] ?? '');
      const outside = paths.filter((path) => !/^\/(s\/cluster|run\/palestra)(\/|$)/.test(path));
      expect(
        outside.filter(
          (path) => !['/usr/lib/cni', '/palestra-2', '/livez', '/readyz', '/healthz'].includes(path),
        ),
      ).toEqual([]);
    }
  });

  it('gives pods addresses of its own range, forgotten with the box', () => {
    expect(networkConfiguration('10.102.0.0/24')).toMatchObject({
      plugins: [
        {
          type: 'bridge',
          ipMasq: false,
          ipam: { ranges: [[{ subnet: '10.102.0.0/24' }]], dataDir: '/run/palestra/addresses' },
        },
        { type: 'portmap' },
      ],
    });
  });
});

it('who did what is written down, without bodies', () => {
  expect(json('audit.json')).toMatchObject({
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  });
});
