/**
 * What a terminal says by itself (answers to queries) told apart from what a person types. During a replay
 * such answers are for a program long gone and would be typed into the live shell (`1;2c` at the prompt).
 */
// CSI … c (device attributes), n (status), R (cursor), t (window), y (mode), x, u (keyboard flags); DCS and OSC replies.
const ANSWERS = [
  /^\x1b\[[?>=]?[\d;:]*(?:\$y|[cnRtxu])/,
  /^\x1bP[^\x1b]*\x1b\\/,
  /^\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/,
];

/** Whether data is one or more answers and nothing else. A modified F3 looks like a cursor report and is one. */
export function isTerminalAnswer(data: string): boolean {
  if (data === '') return false;
  let rest = data;
  while (rest !== '') {
    const match = ANSWERS.map((answer) => answer.exec(rest)).find((found) => found !== null);
    if (match === undefined) return false;
    rest = rest.slice(match[0].length);
  }
  return true;
}
