/** What a client says, parsed once. By hand: the agent carries no schema library (190 ms against 94 ms to start). */
import type { FromClient, Size } from '../../contract/terminal.ts';

/** @returns null for anything that is not exactly a message of the contract */
export function parseClientMessage(text: string): FromClient | null {
  const value = parseObject(text);
  if (value === null) return null;
  switch (value['type']) {
    case 'hello':
      return hello(value);
    case 'ack':
      return isOffset(value['offset']) ? { type: 'ack', offset: value['offset'] } : null;
    case 'resize':
      return isSize(value['size']) ? { type: 'resize', size: sizeOf(value['size']) } : null;
    case 'take':
      return { type: 'take' };
    default:
      return null;
  }
}

function hello(value: Record<string, unknown>): FromClient | null {
  const { from, size, mode } = value;
  if (!isOffset(from) && from !== -1) return null;
  if (!isSize(size) || (mode !== 'write' && mode !== 'read')) return null;
  return { type: 'hello', from, size: sizeOf(size), mode };
}

export function parseObject(text: string): Record<string, unknown> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isSize(value: unknown): value is Size {
  if (typeof value !== 'object' || value === null) return false;
  const { cols, rows } = value as Record<string, unknown>;
  return within(cols, 2, 1000) && within(rows, 1, 500);
}
function within(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}
const sizeOf = ({ cols, rows }: Size): Size => ({ cols, rows });
