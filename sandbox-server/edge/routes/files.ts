/** Files of a lab's home. Bytes stream both ways and are never a page of ours: attachments, sandboxed, unsniffed. */
import type { FastifyReply } from 'fastify';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { Problem } from '../../contract/errors.ts';
import { FileTree, UPLOAD_LIMIT } from '../../contract/files.ts';
import { HomePath } from '../../contract/names.ts';
import type { FileContent, Precondition } from '../../sandboxes/agent-link.ts';
import { signedIn } from '../app.ts';
import type { App, Rooms } from '../app.ts';
import { bounded, tooLarge } from '../bounded.ts';
import { DONE, MADE, answers, bytes } from './answers.ts';
import { LabParams } from './labs.ts';

const tags = ['files'];
const Inside = HomePath.refine((path) => path !== '', { message: 'a path below the home' });
const Folder = z.object({ path: HomePath.default('') });
const File = z.object({ path: Inside });
const Move = z.object({ from: Inside, to: Inside });
const Written = z.object({ etag: z.string() });
const FILES = '/api/labs/:lab/files';

export function fileRoutes(app: App, { labs }: Pick<Rooms, 'labs'>): void {
  const agentOf = async (request: Parameters<typeof signedIn>[0] & { params: { lab: string } }) =>
    (await labs.open(signedIn(request), request.params.lab)).agent;

  app.get(
    `${FILES}/tree`,
    { schema: { tags, params: LabParams, querystring: Folder, response: answers(FileTree) } },
    async (request) => (await agentOf(request)).tree(request.query.path),
  );
  app.get(
    `${FILES}/content`,
    { schema: { tags, params: LabParams, querystring: File, response: bytes('the file’s bytes') } },
    async (request, reply) =>
      sendFile(reply, request.query.path, await (await agentOf(request)).read(request.query.path)),
  );
  app.post(
    `${FILES}/folder`,
    { schema: { tags, params: LabParams, querystring: File, response: MADE } },
    async (request, reply) => {
      await (await agentOf(request)).makeFolder(request.query.path);
      return reply.code(201).send(null);
    },
  );
  app.post(
    `${FILES}/move`,
    { schema: { tags, params: LabParams, body: Move, response: DONE } },
    async (request, reply) => {
      await (await agentOf(request)).move(request.body.from, request.body.to);
      return reply.code(204).send(null);
    },
  );
  app.delete(
    FILES,
    { schema: { tags, params: LabParams, querystring: File, response: DONE } },
    async (request, reply) => {
      await (await agentOf(request)).remove(request.query.path);
      return reply.code(204).send(null);
    },
  );

  /** In a scope of its own: here, and only here, bodies of every kind are streams. */
  app.register((scope: App, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, body, parsed) => parsed(null, body));
    scope.put(
      `${FILES}/content`,
      { schema: { tags, params: LabParams, querystring: File, response: answers(Written) } },
      async (request) => {
        const precondition = preconditionIn(request.headers['if-match'], request.headers['if-none-match']);
        if (Number(request.headers['content-length'] ?? 0) > UPLOAD_LIMIT)
          throw tooLarge(UPLOAD_LIMIT, 'An upload');
        const agent = await agentOf(request);
        return agent.write(request.query.path, limited(request.body), precondition);
      },
    );
    done();
  });
}

/** Without a body and a type Fastify parses nothing: an empty file. */
function limited(body: unknown): Readable | Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  // the reader of the bounded stream sees its error: an upload cut in the middle, or too long
  return pipeline(body as Readable, bounded(UPLOAD_LIMIT, 'An upload'), () => undefined);
}

/** One of the two must be said, so that no save overwrites what its author never saw. */
function preconditionIn(ifMatch: string | undefined, ifNoneMatch: string | undefined): Precondition {
  if (ifMatch !== undefined && ifNoneMatch === undefined) return { ifMatch };
  if (ifMatch === undefined && ifNoneMatch === '*') return { ifNoneMatch };
  throw new Problem(
    'bad-request',
    'Say what you overwrite: If-Match with the ETag you read, or If-None-Match: * for a new file.',
  );
}

function sendFile(reply: FastifyReply, path: string, file: FileContent): FastifyReply {
  const name = encodeURIComponent(path.split('/').at(-1) ?? 'file').replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return reply
    .headers({
      etag: file.etag,
      'content-length': file.size,
      'content-disposition': `attachment; filename*=UTF-8''${name}`,
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'no-store',
      'x-palestra-kind': file.kind,
    })
    .type('application/octet-stream')
    .send(file.body);
}
