/** Where images are built and kept. */
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface ImagePlace {
  /** finished archives by name and hash, for every checkout of this machine */
  readonly kept: string;
  /** buildah's own */
  readonly storage: string;
  readonly run: string;
  /** uv and the agent's parts, each once for a content */
  readonly tools: string;
  /** the checkout's: `.palestra/images` */
  readonly out: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `$PALESTRA_CACHE`, else `$XDG_CACHE_HOME/palestra`, else ~/.cache/palestra. */
export async function imagePlace(env: Env = process.env): Promise<ImagePlace> {
  const caches =
    env['PALESTRA_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'palestra');
  const cache = join(resolve(caches), 'images');
  const state = resolve(env['PALESTRA_STATE'] ?? join(ROOT, '.palestra'));
  const place: ImagePlace = {
    kept: join(cache, 'kept'),
    storage: join(cache, 'storage'),
    run: join(cache, 'run'),
    tools: join(cache, 'tools'),
    out: join(state, 'images'),
  };
  for (const folder of Object.values(place) as string[]) await mkdir(folder, { recursive: true });
  return place;
}

/** Where uv keeps what it has fetched on this machine. */
export async function uvCache(env: Env = process.env): Promise<string> {
  const folder = env['UV_CACHE_DIR'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'uv');
  await mkdir(folder, { recursive: true });
  return folder;
}
