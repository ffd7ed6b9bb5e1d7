/** A machine that offers no service: what most lessons need. */
import { Problem } from '../../../contract/errors.ts';
import type { ProofServices } from '../belongings.ts';

export function noServices(): ProofServices {
  const none = () => Promise.reject(new Problem('unavailable', 'There is no such service here.'));
  return {
    get: () => undefined,
    status: none,
    ready: none,
    admit: none,
    dismiss: none,
    address: none,
    call: none,
  };
}
