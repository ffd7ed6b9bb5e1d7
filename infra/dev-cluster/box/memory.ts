/** What processes take, proportionally: pages that several share are counted once for all. Read inside the box. */
import { readFile, readdir } from 'node:fs/promises';

export async function memoryOf(pid: number): Promise<number> {
  const pss = /^Pss:\s+(\d+) kB/m.exec(await read(`/proc/${pid}/smaps_rollup`))?.[1];
  return Number(pss ?? 0) * 1024;
}

/** Everything but the programs that are supervised: shims and pods (anything below a shim), and the box's own. */
export async function memoryOfOthers(
  supervised: ReadonlySet<number>,
): Promise<readonly { readonly name: string; readonly count: number; readonly memory: number }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const others = pids.filter((pid) => !supervised.has(pid));
  const rows = await Promise.all(
    others.map(async (pid) => ({
      kind: kindOf(await read(`/proc/${pid}/cmdline`), pid),
      memory: await memoryOf(pid),
    })),
  );
  return (['supervisor', 'shims', 'pods'] as const).map((name) => {
    const mine = rows.filter(({ kind }) => kind === name);
    return { name, count: mine.length, memory: mine.reduce((sum, row) => sum + row.memory, 0) };
  });
}

function kindOf(commandLine: string, pid: number): 'supervisor' | 'shims' | 'pods' {
  if (pid === 1 || pid === process.pid) return 'supervisor';
  return commandLine.includes('containerd-shim') ? 'shims' : 'pods';
}

/** A process may end meanwhile. */
async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
