/** The words of RFC 8693, said by us as a client and answered by the development provider. */
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:';
export const ACCESS_TOKEN = `${TOKEN_TYPE}access_token`;
export const JWT = `${TOKEN_TYPE}jwt`;
