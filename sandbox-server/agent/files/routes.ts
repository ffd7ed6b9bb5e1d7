/** Resources of files: tree, content, folders, moving, removing, and what a lesson gives. */
import { isText } from '../claim.ts';
import { jsonBody, sendJson, sendNothing } from '../http/call.ts';
import type { Call } from '../http/call.ts';
import type { Route } from '../http/routes.ts';
import { Refusal } from '../refusal.ts';
import { makeFolder, moveInside, removeInside } from './change.ts';
import { giveFiles, parseFiles } from './give.ts';
import { homePath } from './inside.ts';
import type { Home } from './inside.ts';
import { sendFile } from './read.ts';
import { treeOf } from './tree.ts';
import { writeFile } from './write.ts';
import type { Condition } from './write.ts';

/** a lesson's files, base64 */
const GIVEN = 128 * 1024 * 1024;
const READ = { op: 'files', mode: 'read' } as const;
const WRITE = { op: 'files', mode: 'write' } as const;

/** @param ready throws while nobody has the sandbox: its home is not there yet */
export function fileRoutes(home: Home, ready: () => void): Route[] {
  const routes: Route[] = [
    {
      method: 'GET',
      path: /^\/v1\/files\/tree$/,
      need: READ,
      serve: async ({ response, query }) =>
        sendJson(response, 200, await treeOf(home, homePath(query.get('path') ?? ''))),
    },
    {
      method: 'GET',
      path: /^\/v1\/files\/content$/,
      need: READ,
      serve: ({ response, query }) => sendFile(home, named(query), response),
    },
    {
      method: 'PUT',
      path: /^\/v1\/files\/content$/,
      need: WRITE,
      async serve({ request, response, query }) {
        sendJson(response, 200, {
          etag: await writeFile(home, named(query), request, conditionOf(request.headers)),
        });
      },
    },
    {
      method: 'POST',
      path: /^\/v1\/files\/folder$/,
      need: WRITE,
      async serve({ response, query }) {
        await makeFolder(home, named(query));
        sendNothing(response, 201);
      },
    },
    { method: 'POST', path: /^\/v1\/files\/move$/, need: WRITE, serve: (call) => move(home, call) },
    {
      method: 'DELETE',
      path: /^\/v1\/files$/,
      need: WRITE,
      async serve({ response, query }) {
        await removeInside(home, named(query));
        sendNothing(response);
      },
    },
    { method: 'POST', path: /^\/v1\/give$/, need: WRITE, serve: (call) => give(home, call) },
  ];
  return routes.map((route) => ({
    ...route,
    async serve(call) {
      ready();
      await route.serve(call);
    },
  }));
}

/** The path of the query; not the home itself. */
function named(query: URLSearchParams): string {
  const path = homePath(query.get('path'));
  if (path === '') throw new Refusal('bad-request', 'A path inside your home is needed.');
  return path;
}

function conditionOf(headers: Call['request']['headers']): Condition {
  if (headers['if-none-match'] !== undefined && headers['if-none-match'] !== '*') {
    throw new Refusal('bad-request', 'If-None-Match can only be *.');
  }
  return {
    ...(headers['if-match'] === undefined ? {} : { ifMatch: headers['if-match'] }),
    ...(headers['if-none-match'] === undefined ? {} : { ifNew: true }),
  };
}

async function move(home: Home, { request, response }: Call): Promise<void> {
  const { from, to } = await jsonBody(request, 64 * 1024);
  if (!isText(from, 1024) || !isText(to, 1024)) throw new Refusal('bad-request', 'Two paths are needed.');
  await moveInside(home, homePath(from), homePath(to));
  sendNothing(response);
}

async function give(home: Home, { request, response }: Call): Promise<void> {
  const { files, overwrite } = await jsonBody(request, GIVEN);
  sendJson(response, 200, await giveFiles(home, parseFiles(files), overwrite === true));
}
