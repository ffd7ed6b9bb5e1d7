import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { postgresAddress } from './address.ts';

const HERE = 'postgres://palestra:s3cr%40t@db.example.org/palestra';

describe('a database’s address', () => {
  it('says who, where and what; its words leave the password out', () => {
    const { config, spoken } = postgresAddress(`${HERE}?pool=4&statement_timeout=500&connect_timeout=2`);
    expect(config).toEqual({
      host: 'db.example.org',
      port: 5432,
      database: 'palestra',
      user: 'palestra',
      password: 's3cr@t',
      ssl: false,
      application_name: 'palestra',
      connectionTimeoutMillis: 2000,
      statement_timeout: 500,
      max: 4,
      keepAlive: true,
    });
    expect(spoken).toBe('postgres://palestra@db.example.org:5432/palestra');
  });
  it.each([
    ['postgresql://u@h:6432/d', { host: 'h', port: 6432, database: 'd', user: 'u' }],
    ['postgres://u:p@/d?host=/run/postgresql', { host: '/run/postgresql', database: 'd', password: 'p' }],
    ['postgres:///d?host=%2Frun%2Fpg', { host: '/run/pg', database: 'd' }],
    ['postgres://u@[::1]/d', { host: '::1' }],
    ['postgres://u@h:80/d', { port: 80 }],
  ])('%s', (text, config) => {
    expect(postgresAddress(text).config).toMatchObject(config);
  });

  it('reads TLS as libpq does: require encrypts, verify-ca knows the authority, verify-full the name as well', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'palestra-tls-'));
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, 'an authority');
    const tls = (words: string) => postgresAddress(`${HERE}?${words}`).config.ssl;
    expect(tls('sslmode=disable')).toBe(false);
    expect(tls('sslmode=require')).toMatchObject({ rejectUnauthorized: false });
    expect(tls(`sslmode=require&sslrootcert=${ca}`)).toMatchObject({ rejectUnauthorized: true });
    expect(tls(`sslmode=verify-ca&sslrootcert=${ca}`)).toMatchObject({
      rejectUnauthorized: true,
      ca: 'an authority',
      checkServerIdentity: expect.any(Function) as () => void,
    });
    expect(tls('sslmode=verify-full')).toEqual({ rejectUnauthorized: true, servername: 'db.example.org' });
    await rm(folder, { recursive: true });
  });

  it.each([
    ['postgres://u:canary@', /reads? postgres|names no host/],
    ['postgres://u:canary@h', /no database/],
    ['postgres://u:canary@h/d?sslmode=prefer', /sslmode is one of/],
    ['postgres://u:canary@h/d?sslmod=require', /parameter 'sslmod'; known are/],
    ['postgres://u:canary@h/d?pool=many', /pool is a whole number/],
    ['postgres://u:canary@h/d?sslmode=verify-ca&sslrootcert=/nowhere', /cannot be read/],
    ['postgres://u:can%zzary@h/d', /not followed by two/],
    ['postgres://u:canary@h:port/d', /does not read/],
  ])('T57 refuses %s in a sentence that does not repeat it', (text, words) => {
    const refused = () => postgresAddress(text);
    expect(refused).toThrow(words);
    expect(refused).toThrow(expect.objectContaining({ code: 'bad-request' }) as Error);
    expect(refused).not.toThrow(/canary|can%zz/);
  });
});
