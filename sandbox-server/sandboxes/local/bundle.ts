/**
 * A program of ours and all it imports as one file of plain JavaScript. Node can run TypeScript as it is, but
 * loads a compiler for it at each start, and reads sixty files one by one: 348 ms of CPU for an agent from its
 * sources, 126 ms as a file each, 82 ms as one (ten starts each). A class of 28 pays it 28 times.
 */
import { build } from 'esbuild';

/** Of the packages, only what has a binary stays outside; `ws` looks for two more that speed it up. */
const OUTSIDE = ['node-pty', 'bufferutil', 'utf-8-validate'];
/** packages in CommonJS `require` Node's own modules */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/**
 * @param outside packages that the program does not need to find, besides those with a binary
 * @returns the text of an ES module. The same sources give the same text. Throws what cannot be resolved.
 */
export async function bundle(entry: string, outside: readonly string[] = []): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    external: [...OUTSIDE, ...outside],
    banner: { js: REQUIRE },
    write: false,
    logLevel: 'silent',
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`nothing was made of ${entry}`);
  return output.text;
}
