/** What `palestra drain` does and its examples, shown by --help; here so that other verbs do not load what it needs. */
export const DRAIN_HELP = `
The node is closed to new pods first, as by kubectl cordon. Warm sandboxes are evicted: their pool makes others on other
nodes. Of those with a lab the server saves the home, tells the learner and ends the pod; Resume gives another with the
same files. Exit code 1 where one is left after --minutes, which names it. kubectl drain then takes what else is there.

Examples:
  $ npx palestra drain node-7
  $ npx palestra drain node-7 --namespace school-sandboxes --context production --json
  $ npx palestra drain node-7 && kubectl drain node-7 --ignore-daemonsets --delete-emptydir-data`;
