/**
 * A service's way into sandboxes (finding 8: nothing goes out of a network namespace of one's own): a process of
 * the host that takes connections on the sockets it inherits (descriptors 3, 4, …) and carries each to the address in
 * the same place. It is detached, and goes on when the server ends. `forwarder.ts HOST PORT [HOST PORT …]`; only
 * `node:` imports.
 */
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

/** one endpoint's connections from all sandboxes; more than a class needs, and a bound */
const AT_ONCE = 4_000;

const words = process.argv.slice(2);
for (let at = 0; at < words.length; at += 2) forward(3 + at / 2, words[at] ?? '', Number(words[at + 1]));

function forward(descriptor: number, host: string, port: number): void {
  const server = createServer({ allowHalfOpen: true }, (inside) => {
    const outside = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const end = () => {
      inside.destroy();
      outside.destroy();
    };
    // either side may go away at any time; pipeline destroys the other one
    pipeline(inside, outside, (error) => error !== undefined && error !== null && end());
    pipeline(outside, inside, (error) => error !== undefined && error !== null && end());
  });
  server.maxConnections = AT_ONCE;
  server.listen({ fd: descriptor });
}
