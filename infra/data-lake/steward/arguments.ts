/** `key=value` words of a verb; what a value means is each verb's own. */
import { Problem } from '../../../sandbox-server/contract/errors.ts';

export function readArguments(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, key, value] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(word) ?? [];
      if (key !== undefined && value !== undefined) return [key, value];
      throw new Problem('bad-request', `"${word}" is not of the form key=value.`);
    }),
  );
}
