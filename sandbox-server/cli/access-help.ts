/** Examples of `palestra access`, shown by --help; here so that other verbs do not load what it needs. */
export const ACCESS_HELP = `
Groups and what they grant stand in palestra.yaml (groups:); sizes and openings of the cluster below namespaces:.

Examples:
  $ npx palestra access explain ada                        as of her last login
  $ npx palestra access explain ada --groups icsc/users,icsc/gpu   what if she were in these
  $ npx palestra access explain ada --yaml | kubectl apply --dry-run=server -f -
  $ npx palestra access explain ada --json`;
