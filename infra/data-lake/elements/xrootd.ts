/** Configuration of one XRootD, as text; pure. */
import type { ElementPlace, LakePlace } from '../place.ts';
import type { ElementHome } from './folders.ts';
import { EXPORT } from './paths.ts';
import { audiencesOf } from './tokens.ts';

/**
 * The gate speaks plain http to it over loopback. XRootD 5.5.3 cannot listen on one address only: it listens on all and
 * turns away who does not come from loopback (`xrd.allow`). One port for both of its protocols, so that no other one
 * stands open. It has a certificate all the same: without one it loads no third-party copy.
 */
export function xrootdConfiguration(element: ElementPlace, home: ElementHome, authorities: string): string {
  return lines(
    `all.export ${EXPORT}`,
    `oss.localroot ${home.data}`,
    `all.adminpath ${home.admin}`,
    `all.pidpath ${home.admin}`,
    `xrd.port ${element.inner}`,
    `xrd.protocol http:${element.inner} libXrdHttp.so`,
    'xrd.allow host 127.0.0.1',
    `xrd.tls ${home.cert} ${home.key}`,
    `xrd.tlsca certdir ${authorities}`,
    // no name service is asked who connects
    'xrd.network nodnr',
    'http.exthandler xrdtpc libXrdHttpTPC.so',
    'http.header2cgi Authorization authz',
    'http.listingdeny no',
    'ofs.authorize 1',
    `ofs.authlib libXrdAccSciTokens.so config=${home.tokens}`,
    'xrootd.chksum max 2 adler32',
    'xrootd.trace emsg',
    'http.trace none',
    'scitokens.trace warning',
  );
}

/**
 * `root://` with tokens (ztn, over TLS), for reading only: a server of its own on the same files. This XRootD would let
 * a token write into a neighbour's folder whose name begins alike (see tokens.ts), and no gate stands before it.
 */
export function rootConfiguration(
  element: ElementPlace & { readonly rootPort: number },
  home: ElementHome,
  authorities: string,
  listen: LakePlace['listen'],
): string {
  return lines(
    `all.export ${EXPORT} r/o`,
    `oss.localroot ${home.data}`,
    `all.adminpath ${home.rootAdmin}`,
    `all.pidpath ${home.rootAdmin}`,
    `xrd.port ${element.rootPort}`,
    ...(listen === '0.0.0.0' ? [] : [`xrd.allow host ${listen}`]),
    'xrd.network nodnr',
    `xrd.tls ${home.cert} ${home.key}`,
    `xrd.tlsca certdir ${authorities}`,
    'xrootd.tls capable all',
    'xrootd.seclib libXrdSec.so',
    'sec.protocol ztn',
    'sec.protbind * only ztn',
    'ofs.authorize 1',
    `ofs.authlib libXrdAccSciTokens.so config=${home.tokens}`,
    'xrootd.chksum max 2 adler32',
    'xrootd.trace emsg',
    'scitokens.trace warning',
  );
}

export function scitokensConfiguration(place: LakePlace, element: ElementPlace): string {
  return lines(
    '[Global]',
    `audience = ${audiencesOf({ ...element, issuer: place.issuer }).join(', ')}`,
    'onmissing = deny',
    '',
    '[Issuer palestra]',
    `issuer = ${place.issuer}`,
    `base_path = ${EXPORT}`,
  );
}

/** `-I v4`: the gate comes over 127.0.0.1 */
export function xrootdArgv(configuration: string, name: string): readonly string[] {
  return ['xrootd', '-c', configuration, '-n', name, '-I', 'v4'];
}

/** beside what every program of the lake is told */
export function xrootdEnvironment(place: LakePlace, home: ElementHome): Record<string, string> {
  return {
    // the SciTokens library keeps issuers' keys below
    XDG_CACHE_HOME: home.cache,
    // whom a pull believes; without TLS of its own XRootD would ask nobody
    XRDTPC_CADIR: place.authority.folder,
    // its own name: the machine's need not resolve where the lake's programs run
    XRDHOST: 'localhost',
  };
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
