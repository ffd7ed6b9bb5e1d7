/** A machine with one kit, `base`, that is ready: bash. */
import { Problem } from '../../../contract/errors.ts';
import type { Kits } from '../../../sandboxes/kits.ts';

export const bashKit: Kits = {
  list: () => [],
  get: () => ({ name: 'base', state: 'ready', text: '', versions: { bash: '5.2' } }),
  ready: (name) =>
    name === 'base' ? Promise.resolve() : Promise.reject(new Problem('kit-missing', `No kit ${name}.`)),
  watch: () => ({ [Symbol.dispose]: () => undefined }),
  close: () => Promise.resolve(),
};
