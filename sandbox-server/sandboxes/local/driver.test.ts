import { ask, conformance } from '../conformance.ts';
import { localSubject } from './testing/local-subject.ts';

conformance('local', async () => {
  const subject = await localSubject();
  return {
    driver: subject.driver,
    kit: 'bare',
    kill: (sandbox) =>
      ask(sandbox, '/die').then(
        () => undefined,
        () => undefined, // it died before it could answer: that is what was asked
      ),
    close: subject.close,
  };
});
