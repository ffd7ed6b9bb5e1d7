import { describe, expect, it } from 'vitest';
import { lakePlace } from '../place.ts';
import { alembicIni, idpSecrets, rucioCfg } from './configuration.ts';
import { distancesOf, rseOf } from './elements-in-rucio.ts';

const place = lakePlace({ root: '/lake', port: 31_440, idp: '/idp', asRoot: true, temporary: '/tmp' });
const secrets = { database: 'd4tabase', root: 'r00t', client: 'cl1ent' };

describe('rucio.cfg', () => {
  const cfg = rucioCfg(place, secrets);
  it('reaches PostgreSQL by its socket', () => {
    expect(cfg).toContain(
      `default = postgresql+psycopg://rucio:d4tabase@/rucio?host=${place.sockets}/postgres`,
    );
  });
  it('maps no public identity to root (trap 4)', () => {
    for (const name of ['x509_identity', 'gss_identity', 'ssh_identity', 'saml_id'])
      expect(cfg).toMatch(new RegExp(`^${name} =$`, 'm'));
  });
  it('sets no filter_transfertool (trap 12)', () => {
    expect(cfg).not.toContain('filter_transfertool');
  });
  it('has no per cent sign, which Python would read as the start of a name', () => {
    expect(cfg).not.toContain('%');
  });
  it('knows the issuer with the slash that stands in tokens, and the client’s secret', () => {
    expect(JSON.parse(idpSecrets(place, secrets))).toMatchObject({
      palestra: { issuer: 'https://iam.palestra.test:31443/', client_id: 'rucio', client_secret: 'cl1ent' },
    });
  });
  it('alembic finds Rucio’s migrations (trap 2)', () => {
    expect(alembicIni(place, secrets, '/env/rucio')).toContain(
      'script_location = /env/rucio/db/sqla/migrate_repo',
    );
  });
});

describe('elements in Rucio', () => {
  it('say their nature, their site, and who copies between them', () => {
    const [cnaf, , archive] = place.elements.map((element) => rseOf(place, element));
    expect(cnaf?.attributes).toMatchObject({
      nature: 'disk',
      site: 'CNAF',
      country: 'IT',
      oidc_support: true,
    });
    expect(cnaf?.attributes['fts']).toBe('https://fts.palestra.test:31446');
    expect(archive?.attributes).toMatchObject({ nature: 'tape' });
    expect(archive?.properties['rse_type']).toBe('DISK');
  });
  it('are all linked, the archive at a distance', () => {
    expect(distancesOf(place)).toHaveLength(6);
    expect(distancesOf(place).find((one) => one.from === 'ARCHIVE_USERDISK')?.distance).toBe(3);
  });
});
