/** How long to wait before a file is tried again. */
import { z } from 'zod';

export const Retries = z.object({
  /** after the first attempt; the submitter's own `retry` goes before */
  most: z.number().int().min(0).max(10).default(2),
  firstMs: z.number().min(0).default(500),
  factor: z.number().min(1).default(3),
  longestMs: z.number().min(0).default(60_000),
});
export type Retries = z.infer<typeof Retries>;

/**
 * @param failures how often it failed, this time included
 * @param random 0…1: many files that failed together must not come back together
 * @returns ms to wait; null: no further attempt
 */
export function waitBefore(
  failures: number,
  asked: { readonly retries: number | null; readonly delayMs: number | null },
  rules: Retries,
  random: number,
): number | null {
  if (failures > (asked.retries ?? rules.most)) return null;
  const first = asked.delayMs ?? rules.firstMs * rules.factor ** (failures - 1);
  return Math.round(Math.min(rules.longestMs, first) * (0.75 + random / 2));
}
