/** What the lake's command says. */
import { printer as printerOf, type Printer } from '../machine/print.ts';

export type { Printer };

export function printer(json: boolean): Printer {
  return printerOf('The data lake', json);
}
