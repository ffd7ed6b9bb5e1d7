/** Which listening ports become preview tabs by themselves: those that programs with a page use. Pure. */
import type { OpenPort } from '../work.ts';
import { say } from '../words/terminal.ts';

/** JupyterLab takes the next port where one is taken */
const JUPYTERLAB = [8888, 8889, 8890];
const KNOWN: Readonly<Record<number, string>> = {
  8787: say('Dashboard'),
  ...Object.fromEntries(JUPYTERLAB.map((port) => [port, 'JupyterLab'])),
};
/** usual ports of small web servers; a Dask worker's own ports are none of them */
const USUAL = new Set([3000, 4000, 5000, 5006, 8000, 8050, 8080, 8501, 8787, ...JUPYTERLAB, 9000]);

export function portTitle(port: number): string {
  return `${KNOWN[port] ?? say('Port')} :${String(port)}`;
}

export interface PortTabs {
  /** tabs, in order of their numbers */
  readonly tabs: readonly number[];
  /** the others, offered in the list beside the tabs */
  readonly others: readonly OpenPort[];
}

/** A cell's own JupyterLab, whose door *Open in JupyterLab* opens, and the ports of kernels: nothing to see there. */
const NO_PAGE = /-m jupyterlab --no-browser|ipykernel_launcher/;

/** @param chosen ports the learner opened from the list: they stay also when the program restarts */
export function portTabs(all: readonly OpenPort[], chosen: ReadonlySet<number>): PortTabs {
  const ports = all.filter(({ command }) => !NO_PAGE.test(command));
  const shown = new Set([...chosen, ...ports.map(({ port }) => port).filter((port) => USUAL.has(port))]);
  return { tabs: [...shown].sort((a, b) => a - b), others: ports.filter(({ port }) => !shown.has(port)) };
}

/** Ports that were not there before and are tabs now. */
export function appeared(before: readonly number[], now: readonly number[]): readonly number[] {
  return now.filter((port) => !before.includes(port));
}
