/** Writes rows one commit each and says so after each, until it is killed: `node write-until-killed.ts PATH`. */
import { openStore } from '../open.ts';

const path = process.argv[2];
if (path === undefined) throw new Error('usage: write-until-killed.ts PATH');
const { db } = await openStore(path);
for (let n = 1; n <= 5000; n += 1) {
  await db
    .insertInto('flows')
    .values({ state: String(n), nonce: '', verifier: '', next: '/', until: n })
    .execute();
  process.stdout.write(`${String(n)}\n`);
}
