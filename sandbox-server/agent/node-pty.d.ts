// node-pty comes under an alias (a prebuilt binary for Linux, no compiler needed); its types live under the real name.
/// <reference path="../../node_modules/node-pty/node-pty.d.ts" />
export * from '@lydell/node-pty';
