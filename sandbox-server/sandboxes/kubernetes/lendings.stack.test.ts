/** Services lent to pods: a real service with a certificate of its own, as a learner sees it from a real pod. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missing } from '../../../tests/stack/cluster/cluster.ts';
import type { AgentLink } from '../agent-link.ts';
import type { Driver, Lending } from '../driver.ts';
import { newId } from '../ids.ts';
import { tinyLending } from '../testing/tiny-lending.ts';
import { clusterSubject, type ClusterSubject } from './testing/cluster-subject.ts';

const why = missing();
const CURL = 'curl -sS --max-time 10 -H "X-User: $USER" https://shop.tiny.test:31447/';
const REFUSED = /Connection refused|Failed to connect|Couldn't connect/;

describe.skipIf(why !== null)(`services of a pod${why === null ? '' : ` (skipped: ${why})`}`, () => {
  const opened = new AsyncDisposableStack();
  let lending: Lending;
  let host = '';
  let subject: ClusterSubject;
  beforeAll(async () => {
    const { tiny, lending: lent } = await tinyLending(opened);
    lending = lent;
    host = tiny.host;
    subject = opened.use(await clusterSubject({ hosts: [host] }));
    await subject.driver.adopt();
    subject.driver.keepWarm('base', 1);
  }, 1_200_000);
  afterAll(() => opened.disposeAsync());

  const given = async (...services: Lending[]): Promise<{ link: AgentLink; lab: string }> => {
    const lab = newId();
    const link = subject.linkTo(await subject.driver.claim({ lab, kit: 'base' }));
    await link.claim({ lab, user: 'ada', fullName: 'Ada', seed: '0123456789abcdef', env: {} });
    if (services.length > 0) await lend(subject.driver, link, lab, ...services);
    return { link, lab };
  };
  const lend = async (driver: Driver, link: AgentLink, lab: string, ...services: Lending[]): Promise<void> =>
    link.services(await driver.lend(lab, services));
  const run = async (link: AgentLink, code: string): Promise<string> => {
    const { stdout, stderr } = await link.run({ lang: 'bash', code, timeout: 30, fixtures: [], env: {} });
    return `${stdout}${stderr}`.trim();
  };

  it('are there by name and port, with a certificate that verifies and the system’s authorities beside', async () => {
    const { link } = await given(lending);
    expect(await run(link, CURL)).toBe('bread for ada');
    const openssl = `openssl s_client -CApath $X509_CERT_DIR -verify_return_error -verify_hostname ${host} -connect ${host}:31447 </dev/null 2>&1 | grep -c "Verify return code: 0"`;
    expect(await run(link, openssl)).toMatch(/^[1-9]/);
    expect(await run(link, `env -u CURL_CA_BUNDLE -u SSL_CERT_FILE ${CURL}`)).toContain('certificate');
    expect(Number(await run(link, 'grep -c BEGIN $SSL_CERT_FILE'))).toBeGreaterThan(1);
  });

  it('are refused in a pod that was not lent them, and in one whose next lesson does not name them', async () => {
    const { link: without } = await given();
    expect(await run(without, CURL)).toMatch(REFUSED);
    const { link, lab } = await given(lending);
    expect(await run(link, CURL)).toBe('bread for ada');
    await lend(subject.driver, link, lab);
    expect(await run(link, CURL)).toMatch(REFUSED);
    expect(await run(link, 'find /run/palestra/services -type f; echo "<$SSL_CERT_FILE>"')).toBe('<>');
  });

  it('F1 end with their server, and are there again once another has adopted the pod and lent them', async () => {
    const { link, lab } = await given(lending);
    expect(await run(link, CURL)).toBe('bread for ada');
    await subject.driver.close();
    expect(await run(link, CURL)).not.toContain('bread');
    const next = await subject.second();
    await next.adopt();
    await lend(next, link, lab, lending);
    expect(await run(link, CURL)).toBe('bread for ada');
    await next.release(lab, { forget: true });
  });
});
