/** The suite that every driver passes, on a real cluster. */
import { conformance } from '../conformance.ts';
import { clusterSubject, podOf } from './testing/cluster-subject.ts';

conformance('kubernetes', async () => {
  const subject = await clusterSubject();
  return {
    driver: subject.driver,
    kit: 'base',
    kill: async (sandbox) => {
      const pod = await podOf(subject, sandbox.lab);
      await subject.kubectl('delete', 'pod', pod, '--grace-period=1', '--wait=false');
    },
    close: () => subject.close(),
  };
});
