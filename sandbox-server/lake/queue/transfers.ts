/** placeholder until the transfer service's page says its shape */
import type { LakeTransfer } from '../../contract/lake.ts';
import type { Ask } from '../ask.ts';
export function transfersOf(
  _ask: Ask,
  _token: string,
  _account: string,
  _signal: AbortSignal,
): Promise<readonly LakeTransfer[] | null> {
  return Promise.resolve([]);
}
