/**
 * What a bench says. A figure is a ratio: ours over a peer's, both measured in the same round, rounds interleaved,
 * because absolute times on a shared machine move by 30 % and more. Spread is the ratio's minimum and maximum.
 */
export interface Goal {
  readonly op: '<=' | '>=';
  readonly value: number;
}
export interface Row {
  readonly what: string;
  /** median of ours, in the row's own unit */
  readonly ours: number;
  readonly against: Readonly<Record<string, number>>;
  readonly ratio: { readonly median: number; readonly min: number; readonly max: number };
  /** null: told, and not held to anything */
  readonly goal: Goal | null;
  readonly holds: boolean;
  /** why it was not measured */
  readonly failure?: string;
}
export interface Report {
  readonly name: string;
  readonly rounds: number;
  readonly machine: string;
  readonly rows: readonly Row[];
}
/** One round's pair. */
export interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

/** Nearest rank: `percentile([1,2,3,4], 50)` is 2. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('a percentile of nothing');
  return value;
}
export const median = (values: readonly number[]): number => percentile(values, 50);

/** A row from interleaved rounds. @param peer the name of what ours is held against */
export function row(what: string, peer: string, pairs: readonly Pair[], goal: Goal | null): Row {
  const ratios = pairs.map(({ ours, theirs }) => ours / theirs);
  const ratio = { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
  return {
    what,
    ours: median(pairs.map((p) => p.ours)),
    against: { [peer]: median(pairs.map((p) => p.theirs)) },
    ratio,
    goal,
    holds: meets(ratio.median, goal),
  };
}

/** A row for a figure that has no peer: its ratio is the value itself. */
export function figure(what: string, values: readonly number[], goal: Goal | null): Row {
  const ratio = { median: median(values), min: Math.min(...values), max: Math.max(...values) };
  return { what, ours: ratio.median, against: {}, ratio, goal, holds: meets(ratio.median, goal) };
}

function meets(value: number, goal: Goal | null): boolean {
  if (goal === null) return true;
  return goal.op === '<=' ? value <= goal.value : value >= goal.value;
}

/** The table a person reads. */
export function show(report: Report): string {
  const head = ['what', 'ours', 'against', 'ratio (min–max)', 'goal', ''];
  const lines = report.rows.map(cells);
  const widths = head.map((h, i) => Math.max(h.length, ...lines.map((l) => l[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((c, i) => c.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    `${report.name}: ${report.rounds} interleaved rounds on ${report.machine}`,
    line(head),
    ...lines.map(line),
  ].join('\n');
}

function cells(r: Row): readonly string[] {
  if (r.failure !== undefined) return [r.what, '', '', '', '', `FAILED: ${r.failure}`];
  return [
    r.what,
    short(r.ours),
    against(r),
    `${short(r.ratio.median)} (${short(r.ratio.min)}–${short(r.ratio.max)})`,
    r.goal === null ? '' : `${r.goal.op} ${r.goal.value}`,
    r.goal === null ? '' : r.holds ? 'holds' : 'MISSED',
  ];
}
function against(r: Row): string {
  return Object.entries(r.against)
    .map(([name, value]) => `${name} ${short(value)}`)
    .join(', ');
}
function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
