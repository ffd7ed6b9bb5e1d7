/** What PostgreSQL and the way to it say, as sentences for whoever runs the server, and for a learner in between. */
import { Problem } from '../../contract/errors.ts';

/** The server is away, on its way up or down, or full: another try may well do. */
const AWAY = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'EPIPE'],
  ...['57P01', '57P02', '57P03', '53300', '08000', '08003', '08006'],
]);
/** errors of the client itself, which bear no code */
const AWAY_WORDS =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed)/;

/** Whether the database could not be asked, or hung up in the middle. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // several addresses of one name were tried
  if (error instanceof AggregateError) return error.errors.some(isAway);
  return AWAY.has(codeOf(error)) || AWAY_WORDS.test(error.message);
}

/** Why the server cannot begin with this database. */
export function cannotOpen(error: unknown, spoken: string): Problem {
  if (error instanceof Problem) return error;
  return new Problem('unavailable', `The database ${spoken} cannot be used: ${sentence(error)}`, {
    cause: error,
  });
}

/** A failed statement for its asker; what is a fault of ours stays as it is. */
export function told(error: unknown): unknown {
  if (isAway(error)) return away(error);
  // query_canceled: past statement_timeout
  if (codeOf(error) === '57014')
    return new Problem('timeout', 'The database took too long to answer. Try again.', { cause: error });
  return error;
}

/** For whoever asked while the database was away: nothing that was acknowledged is lost. */
function away(cause: unknown): Problem {
  return new Problem(
    'unavailable',
    'The database does not answer just now. What was saved is kept; try again in a moment.',
    { cause, details: { retryAfter: 2 } },
  );
}

function sentence(error: unknown): string {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code === '28P01') return 'the password is wrong, or the user is unknown there.';
  if (code === '28000') return `it does not let this user in from here (pg_hba.conf): ${message}.`;
  if (code === '3D000') return 'there is no database of that name. Create it, owned by this user.';
  if (code === '42501') return `this user may not create tables in it: ${message}. Make the user its owner.`;
  if (code === '53300')
    return 'it has no connection left. Raise max_connections, or lower pool= in the address.';
  if (isAway(error)) return `it does not answer (${message}). Is it running, and are host and port right?`;
  if (/does not support SSL/i.test(message))
    return 'it does not speak TLS; sslmode= in the address asks for it.';
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME/.test(code))
    return `its certificate does not hold (${message}). sslrootcert= names the authority that signed it.`;
  return message;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
