/** oidc-provider's own objects (sessions, grants, codes, refresh tokens) in SQLite: a restart signs nobody out. */
import type { Database } from 'better-sqlite3';
import type { Adapter, AdapterPayload } from 'oidc-provider';

export type AdapterMaker = (model: string) => Adapter;

/** Expired objects are removed at opening and by the way, every so many writes. */
const SWEEP_EVERY = 500;

export function openObjects(database: Database): AdapterMaker {
  database.exec(`create table if not exists objects (
    model text not null, id text not null, payload text not null, expires integer,
    grant_id text, uid text, user_code text, primary key (model, id)) strict;
    create index if not exists objects_grant on objects (grant_id);
    create index if not exists objects_uid on objects (uid);
    create index if not exists objects_user_code on objects (user_code);`);
  const rows = statements(database);
  rows.sweep.run(now());
  let writes = 0;
  const one = (row: Row | undefined): AdapterPayload | undefined =>
    row && (row.expires === null || row.expires > now())
      ? (JSON.parse(row.payload) as AdapterPayload)
      : undefined;

  return (model) => ({
    upsert: (id, payload, expiresIn) =>
      act(() => {
        if (++writes % SWEEP_EVERY === 0) rows.sweep.run(now());
        const expires = expiresIn ? now() + expiresIn : null;
        const { grantId = null, uid = null, userCode = null } = payload;
        rows.put.run({ model, id, payload: JSON.stringify(payload), expires, grantId, uid, userCode });
      }),
    find: (id) => act(() => one(rows.byId.get(model, id))),
    findByUid: (uid) => act(() => one(rows.byUid.get(model, uid))),
    findByUserCode: (code) => act(() => one(rows.byUserCode.get(model, code))),
    consume: (id) => act(() => void rows.consume.run(now(), model, id)),
    destroy: (id) => act(() => void rows.remove.run(model, id)),
    revokeByGrantId: (grant) => act(() => void rows.revoke.run(grant)),
  });
}

interface Row {
  readonly payload: string;
  readonly expires: number | null;
}
interface Put extends Row {
  readonly model: string;
  readonly id: string;
  readonly grantId: string | null;
  readonly uid: string | null;
  readonly userCode: string | null;
}

function statements(database: Database) {
  const select = 'select payload, expires from objects where model = ? and';
  return {
    put: database.prepare<[Put]>(
      'insert or replace into objects values (@model, @id, @payload, @expires, @grantId, @uid, @userCode)',
    ),
    byId: database.prepare<[string, string], Row>(`${select} id = ?`),
    byUid: database.prepare<[string, string], Row>(`${select} uid = ?`),
    byUserCode: database.prepare<[string, string], Row>(`${select} user_code = ?`),
    consume: database.prepare<[number, string, string]>(
      "update objects set payload = json_set(payload, '$.consumed', ?) where model = ? and id = ?",
    ),
    remove: database.prepare<[string, string]>('delete from objects where model = ? and id = ?'),
    revoke: database.prepare<[string]>("delete from objects where grant_id = ? and model <> 'Grant'"),
    sweep: database.prepare<[number]>('delete from objects where expires is not null and expires <= ?'),
  };
}

/** better-sqlite3 answers at once, oidc-provider awaits: a throw becomes a rejection. */
function act<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}
const now = (): number => Math.floor(Date.now() / 1000);
