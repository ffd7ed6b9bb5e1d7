/** A stream of bytes as lines, bounded: a longer line is cut off and the rest of it dropped. */

/** @param most bytes of one line */
export function createLines(
  most: number,
  told: (line: string) => void,
): { add(part: Buffer): void; end(): void } {
  let kept: Buffer[] = [];
  let length = 0;
  let over = false;
  const finish = (): void => {
    const line = Buffer.concat(kept).toString('utf8');
    const whole = !over;
    [kept, length, over] = [[], 0, false];
    if (whole && line.trim() !== '') told(line);
  };
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length > most) over = true;
    if (over) kept = [];
    else kept.push(part);
  };
  return {
    add(part) {
      let from = 0;
      for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, from)) {
        keep(part.subarray(from, at));
        finish();
        from = at + 1;
      }
      if (from < part.length) keep(part.subarray(from));
    },
    end: finish,
  };
}

/** @returns undefined for what is no JSON object */
export function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
