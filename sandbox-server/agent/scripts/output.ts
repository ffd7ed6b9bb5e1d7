/** The end of what a program printed, bounded: whatever it prints, so much memory and no more. */
export interface Output {
  add(chunk: Buffer): void;
  text(): string;
}

/** @param most bytes kept, the newest */
export function createOutput(most: number): Output {
  let chunks: Buffer[] = [];
  let length = 0;
  return {
    add(chunk) {
      chunks.push(chunk);
      length += chunk.length;
      if (length < 2 * most) return;
      const kept = Buffer.concat(chunks).subarray(-most);
      chunks = [Buffer.from(kept)];
      length = kept.length;
    },
    text() {
      const kept = Buffer.concat(chunks).subarray(-most);
      return kept.subarray(length > most ? firstWhole(kept) : 0).toString('utf8');
    },
  };
}

/** A cut may fall inside a UTF-8 character: its rest is left out. */
function firstWhole(bytes: Buffer): number {
  let at = 0;
  while (at < 4 && ((bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
  return at;
}
