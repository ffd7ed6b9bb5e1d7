/** The files of a lab's home over HTTP: bytes with ETags; a conflict is `Refused` with code `stale`. */
import type { FileTree } from '../../../../sandbox-server/contract/files.ts';
import { EDITOR_LIMIT, UPLOAD_LIMIT, XSRF_HEADER } from '../constants.ts';
import { asProblem, Refused } from '../server.ts';
import type { Server } from '../server.ts';
import { precondition } from './document.ts';
import { say } from '../words/editor.ts';
import { problemWords } from '../words/problems.ts';

/** What the editor was given: text, or why it shows none. */
export type Content =
  | { readonly kind: 'text'; readonly etag: string; readonly text: string }
  | { readonly kind: 'unshown'; readonly etag: string; readonly why: string };

export interface Files {
  tree(path: string): Promise<FileTree>;
  read(path: string): Promise<Content>;
  /** @param etag null: only where there is none yet */
  write(path: string, text: string, etag: string | null): Promise<{ etag: string }>;
  upload(path: string, file: Blob, onProgress: (done: number, all: number) => void): Promise<void>;
  makeFolder(path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  downloadAddress(path: string): string;
}

export function createFiles(server: Server, lab: string): Files {
  const at = (what: string, path: string): string =>
    `/api/labs/${lab}/files${what}?path=${encodeURIComponent(path)}`;
  return {
    tree: (path) => server.get(at('/tree', path)),
    read: async (path) => content(await server.raw(at('/content', path))),
    async write(path, text, etag) {
      const headers = { 'content-type': 'application/octet-stream', ...precondition(etag) };
      const response = await server.raw(at('/content', path), { method: 'PUT', headers, body: text });
      return (await response.json()) as { etag: string };
    },
    upload: (path, file, onProgress) => upload(at('/content', path), file, onProgress),
    makeFolder: async (path) => {
      await server.raw(at('/folder', path), { method: 'POST' });
    },
    move: async (from, to) => {
      await server.post(`/api/labs/${lab}/files/move`, { from, to });
    },
    remove: (path) => server.remove(at('', path)),
    downloadAddress: (path) => at('/content', path),
  };
}

/** Binary or large bytes are not fetched: the editor would freeze over them. */
async function content(response: Response): Promise<Content> {
  const etag = response.headers.get('etag') ?? '';
  const size = Number(response.headers.get('content-length') ?? 0);
  const why = whyUnshown(response.headers.get('x-palestra-kind'), size);
  if (why !== null) {
    await response.body?.cancel();
    return { kind: 'unshown', etag, why };
  }
  return { kind: 'text', etag, text: await response.text() };
}

/** @param size bytes. @returns a sentence, or null where the editor can show it */
export function whyUnshown(kind: string | null, size: number): string | null {
  if (size > EDITOR_LIMIT)
    return say(
      'This file is {0} MB. The editor opens files up to {1} MB; look at it in the terminal (head, less), or download it.',
      Math.round(size / 1e6),
      Math.round(EDITOR_LIMIT / 1e6),
    );
  return kind === 'binary'
    ? say(
        'This file is not text, so the editor cannot show it. Look at it with a program in the terminal, or download it.',
      )
    : null;
}

/** XMLHttpRequest, because fetch says nothing of how far an upload is. Overwrites nothing. */
function upload(address: string, file: Blob, onProgress: (done: number, all: number) => void): Promise<void> {
  if (file.size > UPLOAD_LIMIT)
    return Promise.reject(
      new Refused('too-large', say('That file is larger than 1 GB. Fetch it from a terminal instead.')),
    );
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', address);
    request.setRequestHeader(XSRF_HEADER, '1');
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('if-none-match', '*');
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
    request.onload = () => (request.status < 400 ? resolve() : reject(refusedUpload(request)));
    request.onerror = () =>
      reject(new Refused('offline', say('The upload was cut off. Nothing half-written is left; try again.')));
    request.send(file);
  });
}

function refusedUpload({ status, responseText }: XMLHttpRequest): Refused {
  if (status === 412)
    return new Refused('stale', say('There is a file of that name already. Rename or delete it first.'));
  const body = asProblem(responseText);
  return body === null
    ? new Refused('internal', say('The server answered {0}.', status))
    : new Refused(body.code, problemWords(body.code, body.message), body.details);
}
