/**
 * Which start of its agent each sandbox was last heard from, for all links to it: a pod that was greeted while it was
 * nobody's need not be asked again before the first thing it is told. An agent that was started anew refuses a ticket
 * of its earlier start, and is asked then.
 */

/** a number that no server's sandboxes come to: beyond it the one that was learnt first is asked again */
const MOST = 4_096;

export interface Boots {
  /** undefined: it was not heard of, or is forgotten */
  of(sandbox: string): string | undefined;
  learn(sandbox: string, boot: string): void;
}

export function createBoots(most = MOST): Boots {
  const boots = new Map<string, string>();
  return {
    of: (sandbox) => boots.get(sandbox),
    learn(sandbox, boot) {
      boots.delete(sandbox);
      boots.set(sandbox, boot);
      const [first] = boots.keys();
      if (boots.size > most && first !== undefined) boots.delete(first);
    },
  };
}
