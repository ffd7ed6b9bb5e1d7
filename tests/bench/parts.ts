/** A long bench is made of parts that know nothing of each other: one that fails says so, and the next goes on. */
import type { Row } from './table.ts';

export interface Part {
  readonly name: string;
  run(say: (line: string) => void): Promise<readonly Row[]>;
}

/** @returns the rows of all parts in order; a part that failed is one row with its reason */
export async function inTurn(parts: readonly Part[], say: (line: string) => void): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const part of parts) {
    const { name } = part;
    const began = performance.now();
    say(`${name} …`);
    try {
      rows.push(...(await part.run(say)));
      say(`${name}: ${Math.round((performance.now() - began) / 1000)} s`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      say(`${name} failed: ${error instanceof Error ? (error.stack ?? why) : why}`);
      rows.push(failed(name, why));
    }
  }
  return rows;
}

/** A row for what was to be measured and was not. */
function failed(name: string, why: string): Row {
  const nothing = { median: 0, min: 0, max: 0 };
  const failure = why.split('\n')[0]?.slice(0, 200) ?? '';
  return { what: name, ours: 0, against: {}, ratio: nothing, goal: null, holds: false, failure };
}
