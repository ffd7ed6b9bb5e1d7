/** Is there a Go that can build this. */
import { execFile } from 'node:child_process';
import { Problem } from '../../../sandbox-server/contract/errors.ts';

/** what kube-router's go.mod asks for, the most of all modules */
const WANTED = [1, 26] as const;
/** since then Go fetches a newer one by itself, where GOTOOLCHAIN lets it */
const FETCHES = [1, 21] as const;

type Version = readonly [number, number];

/** `go version go1.26.8 linux/amd64` → [1, 26]; null where that says nothing of the kind */
export function goVersion(text: string): Version | null {
  const found = /\bgo(\d+)\.(\d+)/.exec(text);
  return found === null ? null : [Number(found[1]), Number(found[2])];
}

/** @param toolchain as `go env GOTOOLCHAIN` says it */
export function canBuild(version: Version, toolchain: string): boolean {
  return atLeast(version, WANTED) || (atLeast(version, FETCHES) && toolchain.trim() === 'auto');
}

function atLeast([major, minor]: Version, [wantedMajor, wantedMinor]: Version): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** @throws Problem `unavailable` with what to do */
export async function requireGo(): Promise<void> {
  const version = goVersion(await goSays(['version']));
  if (version !== null && canBuild(version, await goSays(['env', 'GOTOOLCHAIN']))) return;
  const found = version === null ? 'Go is not in PATH' : `Go ${version.join('.')} is too old`;
  throw new Problem(
    'unavailable',
    `${found}: Kubernetes is built once, with Go ${WANTED.join('.')} or newer. ` +
      'Debian 12 offers 1.19; take a newer one from https://go.dev/dl/ and unpack it: ' +
      'sudo tar -C /usr/local -xzf go1.26.*.linux-*.tar.gz; export PATH=$PATH:/usr/local/go/bin',
  );
}

/** What go prints; '' where there is no go. @throws Error where it fails */
export function goSays(words: readonly string[], cwd = '/'): Promise<string> {
  return new Promise((done, fail) => {
    execFile(
      'go',
      [...words],
      { cwd, env: { ...process.env, GOFLAGS: '', GOWORK: 'off' }, timeout: 300_000 },
      (error, stdout) => {
        if (error === null) done(stdout);
        else if (error.code === 'ENOENT') done('');
        else fail(new Error(`go ${words.join(' ')}: ${error.message}`, { cause: error }));
      },
    );
  });
}
