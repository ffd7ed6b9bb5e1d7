/**
 * A service's way into sandboxes (finding 8: nothing goes out of a network namespace of one's own): a process of
 * the host that takes connections on the socket it inherits (descriptor 3) and carries each to one address. It is
 * detached, and goes on when the server ends. `forwarder.ts HOST PORT`; only `node:` imports.
 */
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

const [host = '', port = ''] = process.argv.slice(2);
/** one service's connections from all sandboxes; more than a class needs, and a bound */
const AT_ONCE = 2_000;

const server = createServer({ allowHalfOpen: true }, (inside) => {
  const outside = connect({ host, port: Number(port), allowHalfOpen: true });
  const end = () => {
    inside.destroy();
    outside.destroy();
  };
  // either side may go away at any time; pipeline destroys the other one
  pipeline(inside, outside, (error) => error !== undefined && error !== null && end());
  pipeline(outside, inside, (error) => error !== undefined && error !== null && end());
});
server.maxConnections = AT_ONCE;
server.listen({ fd: 3 });
