/** The environment of the kit's program on a person's own machine: theirs, then what the kit needs. Pure. */
import { delimiter } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where somebody says themselves where Rucio and its settings are, the kit's own are not wanted. */
const THEIRS = ['RUCIO_CONFIG', 'RUCIO_HOME'] as const;

export function lakeEnvironment(
  theirs: Environment,
  kit: { readonly path: readonly string[]; readonly env: Readonly<Record<string, string>> },
): Record<string, string> {
  const own = { ...kit.env };
  if (THEIRS.some((name) => theirs[name] !== undefined)) delete own['RUCIO_CONFIG'];
  // the learner of a sandbox; here it is whoever the token says
  delete own['RUCIO_ACCOUNT'];
  const path = [...kit.path, theirs['PATH'] ?? '/usr/bin:/bin'].join(delimiter);
  const known = Object.entries({ ...own, ...theirs, PATH: path });
  return Object.fromEntries(known.filter((one): one is [string, string] => one[1] !== undefined));
}
