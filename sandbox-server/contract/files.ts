/** Files of a home as the page sees them. Paths are relative to the home (`HomePath`). */
import { z } from 'zod';
import { HomePath } from './names.ts';

const FileKind = z.enum(['file', 'folder', 'link', 'other']);
export const FileEntry = z.object({
  path: HomePath,
  kind: FileKind,
  /** bytes; 0 for folders */
  size: z.number().int().nonnegative(),
  /** last change, ms */
  mtime: z.number(),
});
export type FileEntry = z.infer<typeof FileEntry>;
/** `GET files/tree?path=`: one folder's entries, at most 5,000; `more` says that some were left out. */
export const FileTree = z.object({ path: HomePath, entries: z.array(FileEntry), more: z.boolean() });
export type FileTree = z.infer<typeof FileTree>;

export const FileChange = z.object({
  path: HomePath,
  change: z.enum(['created', 'changed', 'deleted']),
  /** the new ETag where it is a file that an editor may have open */
  etag: z.string().optional(),
});
export type FileChange = z.infer<typeof FileChange>;

/** The editor opens text up to this many bytes; above it, or binary, a sentence instead. */
export const EDITOR_LIMIT = 10 * 1024 * 1024;
/** One upload, bytes. */
export const UPLOAD_LIMIT = 1024 * 1024 * 1024;
