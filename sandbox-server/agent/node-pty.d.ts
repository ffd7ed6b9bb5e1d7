// node-pty comes under an alias (a prebuilt binary for Linux, no compiler needed); its types live under the real name.
export * from '@lydell/node-pty';
