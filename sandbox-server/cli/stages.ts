/** Progress of a command, a line a stage: a running clock on a terminal, plain lines in a log. */
import { spinner } from '@clack/prompts';

export interface Stages {
  readonly line: (text: string) => void;
  /** names the stage, shows that it goes on, and how long it took; a failure is said and thrown on */
  during<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function stages(out: NodeJS.WriteStream): Stages {
  const line = (text: string): void => void out.write(`  ${text}\n`);
  const during = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const began = Date.now();
    const turning = out.isTTY ? spinner({ indicator: 'timer', output: out }) : null;
    turning?.start(name);
    try {
      const result = await work();
      const took = `${name}: ready in ${((Date.now() - began) / 1000).toFixed(1)} s`;
      if (turning === null) line(took);
      else turning.stop(took);
      return result;
    } catch (error) {
      if (turning === null) line(`${name}: failed`);
      else turning.error(`${name}: failed`);
      throw error;
    }
  };
  return { line, during };
}
