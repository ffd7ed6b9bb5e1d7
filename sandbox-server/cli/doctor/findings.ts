/** Probes as people and as programs read them; pure. */
import type { Probe } from '../../sandboxes/driver.ts';

const MARK = { good: 'ok     ', weaker: 'weaker ', missing: 'MISSING' } as const;

/** One line a probe, what to do below it, and a verdict. */
export function asTable(probes: readonly Probe[]): string {
  const width = Math.max(...probes.map((probe) => probe.name.length));
  const lines = probes.flatMap((probe) => [
    `  ${mark(probe)}  ${probe.name.padEnd(width)}  ${oneLine(probe.found)}`,
    ...(probe.ok || probe.todo === '' ? [] : [`${' '.repeat(width + 13)}→ ${probe.todo}`]),
  ]);
  return `${lines.join('\n')}\n\n${verdict(probes)}\n`;
}

export function asJson(probes: readonly Probe[]): string {
  return `${JSON.stringify({ probes, ok: exitCode(probes) === 0 }, null, 2)}\n`;
}

/** Weaker is not broken: only what is needed and missing fails. */
export function exitCode(probes: readonly Probe[]): number {
  return probes.some((probe) => !probe.ok && probe.need === 'needed') ? 1 : 0;
}

function mark(probe: Probe): string {
  if (probe.ok) return MARK.good;
  return probe.need === 'needed' ? MARK.missing : MARK.weaker;
}

function verdict(probes: readonly Probe[]): string {
  if (exitCode(probes) !== 0) return 'Sandboxes cannot be started here yet: see what is MISSING above.';
  if (probes.some((probe) => !probe.ok))
    return 'Sandboxes can be started here, with less than this machine could give: see above.';
  return 'Everything is as it should be.';
}

/** A program's complaint may have many lines, and a terminal's escapes in it. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 300);
}
