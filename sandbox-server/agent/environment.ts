/** The environment of shells and scripts: pure, from the configuration and the claim, nothing inherited by chance. */
import { join } from 'node:path';
import type { AgentConfig, Claim } from '../contract/agent.ts';

const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];
export type Environment = Readonly<Record<string, string>>;

export interface Places {
  /** file of the default token: BEARER_TOKEN_FILE, also before one came */
  readonly token: string;
  /** file of finished commands: PALESTRA_COMMANDS */
  readonly commands: string;
  /** environment of the services that are lent now */
  readonly services?: Environment;
}

/** What shells and scripts share. `user` falls back to `learner` while nobody has claimed the sandbox. */
export function environmentOf(config: AgentConfig, claim: Claim | null, places: Places): Environment {
  const user = claim?.user ?? 'learner';
  return {
    ...kitEnvironment(config, user),
    ...places.services,
    PATH: [...config.path, ...SYSTEM_PATH].join(':'),
    HOME: config.home,
    USER: user,
    LOGNAME: user,
    LANG: 'C.UTF-8',
    PALESTRA_USER: user,
    PALESTRA_SEED: claim?.seed ?? '',
    PALESTRA_COMMANDS: places.commands,
    BEARER_TOKEN_FILE: places.token,
    ...(claim?.env ?? {}),
  };
}

/** First in line: a kit cannot change who the learner is, and a service that is lent may say better where it is. */
function kitEnvironment(config: AgentConfig, user: string): Environment {
  const entries = Object.entries(config.env ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replaceAll('{{user}}', user)]));
}

export function shellEnvironment(
  config: AgentConfig,
  claim: Claim | null,
  places: Places,
): Record<string, string> {
  const name = claim?.fullName ?? 'Learner';
  const user = claim?.user ?? 'learner';
  return {
    ...environmentOf(config, claim, places),
    PATH: [join(config.home, '.local/bin'), ...config.path, ...SYSTEM_PATH].join(':'),
    SHELL: config.shell,
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    PAGER: 'less -R',
    GIT_AUTHOR_NAME: name,
    GIT_COMMITTER_NAME: name,
    GIT_AUTHOR_EMAIL: `${user}@lab.invalid`,
    GIT_COMMITTER_EMAIL: `${user}@lab.invalid`,
  };
}
