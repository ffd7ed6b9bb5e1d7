/** A test's own word to its PostgreSQL, beside the store. */
import pg from 'pg';

/** One statement as the superuser. */
export async function onServer(server: string, statement: string): Promise<void> {
  const url = new URL(server.replace('@/', '@_/'));
  const client = new pg.Client({
    host: url.searchParams.get('host') ?? url.hostname,
    port: Number(url.port || 5432),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
  });
  // whoever cuts it off is told by `connect` or `query`
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
