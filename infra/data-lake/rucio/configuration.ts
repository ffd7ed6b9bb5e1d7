/** Rucio's configuration for one lake; pure. Server, daemons and bootstrap read the same file. */
import { join } from 'node:path';
import { DATABASE_PORT, socketFolder } from '../postgres/settings.ts';
import type { LakePlace } from '../place.ts';

export interface Secrets {
  /** of the database role `rucio` */
  readonly database: string;
  /** of Rucio's account `root` */
  readonly root: string;
  /** of the OAuth client `rucio` at the issuer */
  readonly client: string;
}

/** Rucio's home: `etc/` in it is the configuration. */
export const homeOf = (place: LakePlace): string => join(place.folders.rucio, 'home');

function databaseUrl(place: LakePlace, password: string): string {
  return `postgresql+psycopg://rucio:${password}@/rucio?host=${socketFolder(place)}&port=${DATABASE_PORT}&plugin=palestra`;
}

/** What stands in it, and why, is told by the traps in README.md. */
export function rucioCfg(place: LakePlace, secrets: Secrets): string {
  const here = `https://${place.rucio.host}:${place.rucio.port}`;
  const fts = `https://${place.fts.host}:${place.fts.port}`;
  return section('common', {
    logdir: place.folders.log,
    loglevel: 'INFO',
    mailtemplatedir: join(homeOf(place), 'mail_templates'),
  })
    .concat(
      section('client', { rucio_host: here, auth_host: here, ca_cert: place.authority.ca, account: 'root' }),
      section('database', {
        default: databaseUrl(place, secrets.database),
        pool_size: '5',
        max_overflow: '10',
        pool_recycle: '3600',
        pool_reset_on_return: 'rollback',
      }),
      // compulsory, or build_database fails after it has made its tables (trap 2)
      section('alembic', { cfg: join(homeOf(place), 'etc/alembic.ini') }),
      section('bootstrap', {
        userpass_identity: 'root',
        // the plain one: it is hashed at bootstrap (trap 3)
        userpass_pwd: secrets.root,
        userpass_email: 'root@palestra.test',
        // the defaults would map public x509, GSS and ssh identities to root (trap 4)
        ...Object.fromEntries(
          [
            'x509_identity',
            'x509_email',
            'gss_identity',
            'gss_email',
            'ssh_identity',
            'ssh_email',
            'saml_id',
            'saml_email',
          ].map((name) => [name, '']),
        ),
      }),
      section('policy', {
        package: 'palestra_lake',
        permission: 'generic',
        schema: 'generic',
        lfn2pfn_algorithm_default: 'hash',
        support: 'palestra',
        support_rucio: 'palestra',
      }),
      section('metadata', {
        plugins: 'palestra_lake.idl.IdlDidMeta,rucio.core.did_meta_plugins.json_meta.JSONDidMeta',
      }),
      section('oidc', {
        idpsecrets: join(homeOf(place), 'etc/idpsecrets.json'),
        admin_issuer: 'palestra',
        expected_audience: 'rucio',
        expected_scope: 'openid profile',
      }),
      // no filter_transfertool: it filters on a column that only the preparer sets (trap 12)
      section('conveyor', {
        scheme: 'davs',
        transfertool: 'fts3',
        ftshosts: fts,
        poller_oidc_support: 'True',
        use_deterministic_id: 'False',
        cacert: place.authority.ca,
      }),
      section('deletion', { timeout: '30' }),
      section('trace', { tracedir: place.folders.log }),
      section('cache', { enabled: 'False' }),
    )
    .join('\n');
}

/** The identity provider as Rucio knows it; it asks client_credentials tokens for the transfer service and elements. */
export function idpSecrets(place: LakePlace, secrets: Secrets): string {
  const here = `https://${place.rucio.host}:${place.rucio.port}`;
  const client = { client_id: 'rucio', client_secret: secrets.client };
  return JSON.stringify({
    palestra: {
      issuer: place.issuer,
      ...client,
      redirect_uris: [`${here}/auth/oidc_token`, `${here}/auth/oidc_code`],
      SCIM: { ...client, grant_type: 'client_credentials' },
    },
  });
}

/** @param packageFolder where Rucio's own Python package lies */
export function alembicIni(place: LakePlace, secrets: Secrets, packageFolder: string): string {
  return section('alembic', {
    'sqlalchemy.url': databaseUrl(place, secrets.database),
    script_location: join(packageFolder, 'db/sqla/migrate_repo'),
  })
    .concat(
      section('loggers', { keys: 'root' }),
      section('handlers', { keys: 'console' }),
      section('formatters', { keys: 'generic' }),
      section('logger_root', { level: 'WARN', handlers: 'console' }),
      section('handler_console', {
        class: 'StreamHandler',
        args: '(sys.stderr,)',
        level: 'NOTSET',
        formatter: 'generic',
      }),
      section('formatter_generic', { format: '%(levelname)-5.5s [%(name)s] %(message)s' }),
    )
    .join('\n');
}

function section(name: string, values: Readonly<Record<string, string>>): string[] {
  return [`[${name}]`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`.trimEnd()), ''];
}
