/** Builds of the site, one at a time; what is asked for while one runs is one more, with everything that came meanwhile. */
export interface Builds {
  ask(): void;
}

/** @param build never rejects but for a fault of ours */
export function createBuilds(build: () => Promise<void>): Builds {
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    running = true;
    do {
      again = false;
      await build();
    } while (again);
    running = false;
  };
  return {
    ask() {
      again = true;
      if (!running) void run();
    },
  };
}
