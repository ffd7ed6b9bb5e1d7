/** Prometheus' text format, from the same snapshot that people see. */
import type { Snapshot } from './snapshot.ts';

export function metricsText(snapshot: Snapshot, bytes: number): string {
  const links = (of: 'waiting' | 'active' | 'rate') =>
    snapshot.links.map((link) => `{from="${link.from}",to="${link.to}"} ${link[of]}`);
  return [
    ...family('palestra_transfer_files_waiting', 'gauge', 'Files in the queue', links('waiting')),
    ...family('palestra_transfer_files_active', 'gauge', 'Files being copied', links('active')),
    ...family(
      'palestra_transfer_rate_bytes',
      'gauge',
      'Bytes per second, mean of ten seconds',
      links('rate'),
    ),
    ...family('palestra_transfer_bytes_total', 'counter', 'Bytes copied since the start', [` ${bytes}`]),
    ...family('palestra_transfer_finished_last_hour', 'gauge', 'Files that arrived', [
      ` ${snapshot.finished}`,
    ]),
    ...family('palestra_transfer_failed_last_hour', 'gauge', 'Files that failed', [` ${snapshot.failed}`]),
    ...family('process_resident_memory_bytes', 'gauge', 'Resident memory', [` ${process.memoryUsage.rss()}`]),
    '',
  ].join('\n');
}

function family(name: string, type: string, help: string, samples: readonly string[]): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map((sample) => `${name}${sample}`)];
}
