/** Debian packages that parts need: through apt when it may, else the one line to run. */
import { Problem } from '../../sandbox-server/contract/errors.ts';
import { outcome } from '../../sandbox-server/sandboxes/local/probe/command.ts';
import { runTool } from '../../sandbox-server/sandboxes/local/kits/tool.ts';

/** @returns those of `packages` that are not installed, sorted */
export async function missingPackages(packages: readonly string[]): Promise<readonly string[]> {
  const wanted = [...new Set(packages)].sort();
  const asked = await outcome(['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n', ...wanted]);
  const installed = new Set([...asked.stdout.matchAll(/^(\S+) installed$/gm)].map((found) => found[1]));
  return wanted.filter((name) => !installed.has(name));
}

/** @throws Problem `unavailable` with the line to run, where apt may not or did not */
export async function installPackages(missing: readonly string[], signal: AbortSignal): Promise<void> {
  const sudo = await privilege();
  const line = `sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (sudo === null)
    throw new Problem(
      'unavailable',
      `Packages of the system are missing. Run this once, then start again: ${line}`,
    );
  const apt = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', 'DPkg::Lock::Timeout=300'];
  try {
    await runTool([...apt, 'update'], signal);
    await runTool([...apt, 'install', '-y', '--no-install-recommends', ...missing], signal);
  } catch (error) {
    throw new Problem(
      'unavailable',
      `apt-get could not install ${missing.join(' ')}. Run this and see why: ${line}`,
      {
        cause: error,
      },
    );
  }
}

/** @returns words before apt-get; null where we may not */
async function privilege(): Promise<readonly string[] | null> {
  if (!(await outcome(['apt-get', '--version'])).ok) return null;
  if (process.getuid?.() === 0) return [];
  return (await outcome(['sudo', '-n', 'true'])).ok ? ['sudo', '-n'] : null;
}
