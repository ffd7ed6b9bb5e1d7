/** `palestra stop`: ends every sandbox of a place, warm or given; homes are kept. */
import { findBounds } from './bounds/find.ts';
import { createLocalGround } from './ground.ts';
import { boundsName, foldersOf, shortHash, type Place } from './place.ts';
import { stopForwarders } from './services/forwarders.ts';
import { createUids } from './uids.ts';

/** To be called when no server runs on this place (it would start warm ones again). @returns how many were ended */
export async function stopSandboxes(place: Place): Promise<number> {
  const bounds = await findBounds({ name: boundsName(place) });
  const ground = createLocalGround({
    folders: foldersOf(place),
    sockets: place.sockets,
    bounds,
    uids: createUids(foldersOf(place).uids, shortHash(place.root)),
    onExit: () => {},
  });
  const found = await ground.adopt();
  for (const sandbox of found) await ground.end(sandbox);
  await stopForwarders(foldersOf(place).services);
  await bounds.close();
  return found.length;
}
