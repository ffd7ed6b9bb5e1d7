/** `palestra access explain USER`: what their groups grant, what they may take, what the cluster would hold for them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalogue } from '../catalogue/load.ts';
import type { Config } from '../contract/config.ts';
import { Problem } from '../contract/errors.ts';
import { groupsOf } from '../identity/groups.ts';
import { findLogin, type Known } from '../identity/find-login.ts';
import { personId } from '../identity/person-id.ts';
import { explain, type Asked } from '../namespaces/explain.ts';
import { yamlOf } from '../namespaces/yaml.ts';
import { findServices } from '../services/index.ts';
import { openStore, storePlace, type Store } from '../store/index.ts';
import { linesOf } from './access-lines.ts';
import { readSettings, ROOT, STATE } from './settings.ts';

export interface AccessOptions {
  /** as an IAM says them, with commas between: instead of those of the last login */
  readonly groups?: string;
  readonly config: string;
  readonly json?: boolean;
  readonly yaml?: boolean;
}

export async function explainAccess(user: string, options: AccessOptions): Promise<void> {
  const config = await readSettings(options.config);
  const known = await findLogin((work) => withStore(config, work), user);
  const asked = askedOf(user, known, options.groups);
  const services = (await findServices(ROOT)).map(({ file }) => file);
  const { courses } = await loadCatalogue(join(ROOT, 'courses'), { services });
  const explanation = explain(asked, config, courses, Date.now());
  if (options.yaml === true) return void process.stdout.write(yamlOf(explanation.objects));
  if (options.json === true) return void process.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`);
  process.stdout.write(`${linesOf(explanation, known.kind === 'found').join('\n')}\n`);
}

/** Somebody who never signed in can be explained by groups alone: their namespace's name is an example then. */
function askedOf(user: string, known: Known, groups: string | undefined): Asked {
  const named = groups === undefined ? undefined : groupsOf(groups.split(',').map((group) => group.trim()));
  if (known.kind === 'found') return { ...known.person, groups: named ?? known.person.groups };
  if (named !== undefined) return { id: personId('example', user), login: user, groups: named };
  throw new Problem(
    'not-found',
    `${known.why} Or say what to explain: --groups icsc/users,icsc/palestra/authors`,
  );
}

async function withStore<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T | null> {
  const place = storePlace(config, STATE);
  // a look makes no database
  if (place.startsWith('/') && !existsSync(place)) return null;
  const store = await openStore(place);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
