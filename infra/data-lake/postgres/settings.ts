/** PostgreSQL's files for one lake; pure. */
import type { LakePlace } from '../place.ts';

/** Below the socket's name in the folder: no port is listened on. */
export const DATABASE_PORT = 5432;

export function postgresConf(place: LakePlace): string {
  return `# written by infra/data-lake at each start
listen_addresses = ''
unix_socket_directories = '${socketFolder(place)}'
port = ${DATABASE_PORT}
# two Rucio workers and the daemons take at most 15 connections each
max_connections = 60
shared_buffers = 64MB
# nothing that was acknowledged is lost with a killed server; the disk is asked in groups
wal_level = minimal
max_wal_senders = 0
commit_delay = 200
max_wal_size = 256MB
autovacuum_naptime = 30s
jit = off
log_destination = 'stderr'
log_timezone = 'UTC'
timezone = 'UTC'
`;
}

/** The superuser by who asks, Rucio by a password: its uid has no name that `peer` could see. */
export function accessRules(superuser: string): string {
  return `local all ${superuser} peer
local rucio rucio scram-sha-256
`;
}

export function socketFolder(place: LakePlace): string {
  return `${place.sockets}/postgres`;
}
