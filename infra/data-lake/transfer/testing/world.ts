/** What a test of the service needs around it: an authority, an issuer, elements, and the service itself. */
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAuthority } from '../../authority/authority.ts';
import { startIssuer, type TestIssuer } from '../../elements/testing/issuer.ts';
import { forgetPlace, testPlace } from '../../elements/testing/lake.ts';
import { layOut } from '../../find-place.ts';
import type { ElementName, LakePlace } from '../../place.ts';
import { createWeb, type Answer, type Web } from '../copy/web.ts';
import { settingsFor } from '../part.ts';
import { createTransferService, readPem, type TransferService } from '../service.ts';
import { Settings } from '../settings.ts';
import { createLog, type Log } from '../../../../sandbox-server/telemetry/index.ts';
import { startPeer, type Peer } from './peer.ts';

export interface World {
  readonly place: LakePlace;
  readonly issuer: TestIssuer;
  readonly web: Web;
  /** everything that the services of this world logged */
  readonly logged: () => string;
  readonly log: Log;
  peer(name: ElementName, more?: { readonly checksums?: boolean }): Promise<Peer>;
  /** Settings for a service between these elements: impatient, and quick to try again. */
  settings(peers: readonly Peer[], change?: Partial<Settings>): Promise<Settings>;
  service(settings: Settings): Promise<RunningService>;
  ask(port: number, method: string, path: string, question?: Question): Promise<Asked>;
  /** Rucio's token for the service. */
  token(change?: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}
export interface RunningService {
  readonly service: TransferService;
  readonly port: number;
  ask(method: string, path: string, question?: Question): Promise<Asked>;
  close(): Promise<void>;
}
export type Asked = Answer & { readonly json: unknown };
export interface Question {
  /** null: none */
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function createWorld(): Promise<World> {
  const place = await testPlace();
  await layOut(place);
  await ensureAuthority(place);
  return createWorldAt(place, await startIssuer(place), () => forgetPlace(place));
}

/** Around elements that are there already. @param forget ends what was given */
export function createWorldAt(place: LakePlace, issuer: TestIssuer, forget: () => Promise<void>): World {
  const closing: (() => Promise<void>)[] = [];
  const ca = readFileSync(place.authority.ca, 'utf8');
  const names = { ...settingsFor(place).names };
  const web = createWeb({ ca, names });
  const lines: string[] = [];
  const log = createLog({ level: 'debug', to: { write: (line: string) => void lines.push(line) } });
  const token = (change: Readonly<Record<string, unknown>> = {}) =>
    issuer.mint('rucio', { sub: 'rucio', aud: place.fts.host, scope: 'fts offline_access', ...change });

  const world: World = {
    place,
    issuer,
    web,
    log,
    ask: asked,
    logged: () => lines.join(''),
    token,
    async peer(name, more = {}) {
      const { cert, key, host } = place.authority.certificates[name];
      const peer = await startPeer({
        host,
        cert: readFileSync(cert, 'utf8'),
        key: readFileSync(key, 'utf8'),
        ca,
        names,
        ...more,
      });
      closing.unshift(() => peer.close());
      return peer;
    },
    async settings(peers, change = {}) {
      const state = await mkdtemp(join(tmpdir(), 'transfer-'));
      await chmod(state, 0o700);
      closing.push(() => rm(state, { recursive: true, force: true }));
      return Settings.parse({
        ...settingsFor(place),
        listen: { port: 0 },
        user: null,
        state,
        elements: peers.map((peer) => peer.element),
        retries: { most: 2, firstMs: 20, factor: 2 },
        patience: { answerMs: 1500, checksumMs: 1500, beginMs: 1500, silenceMs: 400, standstillMs: 800 },
        ...change,
      });
    },
    async service(settings) {
      const service = await createTransferService(settings, readPem(settings), log);
      const port = await service.listen();
      let open = true;
      const close = async () => {
        if (!open) return;
        open = false;
        await service.close();
      };
      closing.unshift(close);
      return {
        service,
        port,
        close,
        ask: (method, path, question) => asked(port, method, path, question),
      };
    },
    async close() {
      for (const end of closing) await end();
      web.close();
      await issuer.close();
      await forget();
    },
  };

  async function asked(port: number, method: string, path: string, question: Question = {}): Promise<Asked> {
    const bearer = question.token === undefined ? await token() : question.token;
    const body = question.body === undefined ? undefined : JSON.stringify(question.body);
    const answer = await web.ask(method, new URL(`https://${place.fts.host}:${port}${path}`), {
      headers: {
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        // as Rucio: always, also where there is no body
        'content-type': 'application/json',
        ...question.headers,
      },
      ...(body === undefined ? {} : { body }),
      patienceMs: 20_000,
    });
    return { ...answer, json: jsonOf(answer.body) };
  }
  return world;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Asks until it is so. @throws Error with the last answer after `ms` */
export async function until<T>(
  look: () => Promise<T> | T,
  isSo: (seen: T) => boolean,
  ms = 15_000,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`it did not become so: ${JSON.stringify(seen)}`);
    await new Promise((done) => setTimeout(done, 15));
  }
}
