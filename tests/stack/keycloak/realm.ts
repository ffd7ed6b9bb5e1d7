/** The realm that Keycloak imports: groups as a VO has them, three people, one confidential client that must use PKCE. */

export const REALM = 'icsc';
export const CLIENT = 'palestra';
export const SECRET = 'only-for-this-run';
export const PASSWORD = 'gymnasium';
/** Seconds: short, so that a renewal is seen. */
export const ACCESS_LIFE = 4;

const PEOPLE = [
  { username: 'ada', firstName: 'Ada', lastName: 'Lovelace', groups: ['/icsc/users'] },
  {
    username: 'enrico',
    firstName: 'Enrico',
    lastName: 'Fermi',
    groups: ['/icsc/users', '/icsc/palestra/instructors'],
  },
  // Keycloak leaves the whole claim out for her; IAM writes an empty list
  { username: 'solo', firstName: 'Han', lastName: 'Solo', groups: [] },
] as const;

/** @param redirect the portal's callback, exactly */
export function realm(redirect: string): object {
  return {
    realm: REALM,
    enabled: true,
    sslRequired: 'none',
    accessTokenLifespan: ACCESS_LIFE,
    groups: [
      {
        name: 'icsc',
        subGroups: [
          { name: 'users' },
          { name: 'palestra', subGroups: [{ name: 'instructors' }, { name: 'authors' }] },
        ],
      },
    ],
    users: PEOPLE.map(({ username, firstName, lastName, groups }) => ({
      username,
      firstName,
      lastName,
      email: `${username}@example.org`,
      emailVerified: true,
      enabled: true,
      groups: [...groups],
      realmRoles: ['offline_access'],
      credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
    })),
    clients: [client(redirect)],
  };
}

function client(redirect: string): object {
  return {
    clientId: CLIENT,
    secret: SECRET,
    publicClient: false,
    standardFlowEnabled: true,
    redirectUris: [redirect],
    attributes: { 'pkce.code.challenge.method': 'S256' },
    protocolMappers: [
      {
        name: 'groups',
        protocol: 'openid-connect',
        protocolMapper: 'oidc-group-membership-mapper',
        config: {
          'full.path': 'true',
          'claim.name': 'groups',
          'id.token.claim': 'true',
          'access.token.claim': 'true',
          'userinfo.token.claim': 'true',
        },
      },
    ],
  };
}
