/** Links, anchors and pictures lead somewhere. Addresses elsewhere are looked at by their form alone: no network. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Nodes } from 'mdast';
import type { Finding } from './finding.ts';
import { anchorsOf, finding, lineOf, nodesOf, readPage } from './page.ts';
import type { Page } from './page.ts';
import type { SiteMap } from './site-map.ts';

interface Link {
  readonly url: string;
  readonly line: number;
  /** pictures are built from files beside the page */
  readonly picture: boolean;
}

/** @param site what the site answers */
export async function linkFindings(page: Page, site: SiteMap): Promise<Finding[]> {
  const address = addressOf(page, site);
  const found = await Promise.all(
    linksOf(page).map(async (link) => {
      const wrong = (await brokenLink(link, page, address, site)) ?? null;
      return wrong === null ? [] : [finding(wrong.rule, { file: page.file, line: link.line }, wrong)];
    }),
  );
  return found.flat();
}

interface Broken {
  readonly rule: 'dead-link' | 'link-form';
  readonly message: string;
  readonly expected: string;
  readonly received: string;
}

function linksOf(page: Page): Link[] {
  return [...nodesOf(page.root)].flatMap((node): Link[] => {
    const line = lineOf(node);
    if (node.type === 'link' || node.type === 'definition')
      return isAutolink(node, page.markdown) ? [] : [{ url: node.url, line, picture: false }];
    if (node.type === 'image') return [{ url: node.url, line, picture: true }];
    return node.type === 'html' ? htmlLinks(node.value, line) : [];
  });
}

/** GFM makes links of bare words such as `www.x`; they are addresses by their form. */
const isAutolink = (node: Nodes, source: string) =>
  node.type === 'link' && source[node.position?.start.offset ?? 0] !== '[';

function htmlLinks(html: string, line: number): Link[] {
  const found = html.replace(/<!--[^]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '));
  return [...found.matchAll(/\s(href|src)=(?:"([^"]*)"|'([^']*)')/g)].map((each) => ({
    url: each[2] ?? each[3] ?? '',
    line: line + found.slice(0, each.index).split('\n').length - 1,
    picture: each[1] === 'src',
  }));
}

/** Where a page stands on the site; a translation stands where its English page does. */
function addressOf(page: Page, site: SiteMap): string | null {
  const own = page.kind === 'twin' ? join(dirname(page.path), 'lesson.md') : page.path;
  return [...site.pages].find(([, file]) => file === own)?.[0] ?? null;
}

async function brokenLink(
  link: Link,
  page: Page,
  address: string | null,
  site: SiteMap,
): Promise<Broken | null> {
  const { url } = link;
  const dead = (expected: string): Broken => ({
    rule: 'dead-link',
    message: link.picture ? 'This picture is not there.' : 'This link leads nowhere.',
    expected,
    received: url || 'an empty address',
  });
  if (url === '') return dead('an address');
  if (/\{\{|\}\}/.test(url)) return null;
  if (/^[a-z][a-z0-9+.-]*:/i.test(url) || url.startsWith('//')) return externalForm(url);
  if (url.startsWith('#')) return anchorsOf(page).has(decoded(url.slice(1))) ? null : dead(anchorsHint(page));
  const [path = '', anchor] = url.split('#');
  if (link.picture)
    return pictureThere(page, path, site) ? null : dead('a file beside the page, such as ./images/NAME.png');
  return brokenPath({ path, anchor, page, address, site, dead });
}

const anchorsHint = (page: Page) =>
  `one of ${
    [...anchorsOf(page)]
      .slice(0, 12)
      .map((each) => `#${each}`)
      .join(', ') || 'no anchors: the page has no headings'
  }`;

function externalForm(url: string): Broken | null {
  const bad = (message: string, expected: string): Broken => ({
    rule: 'link-form',
    message,
    expected,
    received: url,
  });
  if (/^mailto:[^@\s]+@[^@\s]+$/.test(url)) return null;
  if (!URL.canParse(url, 'https://site.example') || /\s/.test(url))
    return bad('This address cannot be read.', 'https://HOST/PATH');
  const { protocol, hostname } = new URL(url, 'https://site.example');
  if (protocol !== 'https:' && protocol !== 'http:')
    return bad('A page cannot open this kind of address.', 'https: or mailto:');
  const here = /^(?:localhost|127\.0\.0\.1)$/.test(hostname) || hostname.endsWith('.localhost');
  return here || hostname.includes('.') ? null : bad('This host has no domain.', 'https://HOST.DOMAIN/');
}

function pictureThere(page: Page, path: string, site: SiteMap): boolean {
  if (path.startsWith('/')) return site.files.has(path);
  return existsSync(resolve(dirname(page.path), decoded(path)));
}

interface Where {
  readonly path: string;
  readonly anchor: string | undefined;
  readonly page: Page;
  readonly address: string | null;
  readonly site: SiteMap;
  readonly dead: (expected: string) => Broken;
}

async function brokenPath({ path, anchor, page, address, site, dead }: Where): Promise<Broken | null> {
  const bare = decoded(path.split('?')[0] ?? '');
  if (!bare.startsWith('/') && address === null)
    // a page that is not on the site (docs/) links to files, as a Git host shows them
    return existsSync(resolve(dirname(page.path), bare)) ? null : dead('a file beside this one');
  const target = new URL(bare, `https://site.example${address ?? '/'}`).pathname;
  if (target.startsWith('/api/') || site.files.has(target)) return null;
  const file = site.pages.get(target.endsWith('/') ? target : `${target}/`);
  if (file === undefined) return dead(hereIs(page, bare, site));
  if (!target.endsWith('/'))
    return {
      rule: 'link-form',
      message: 'Addresses of pages end in a slash.',
      expected: `${path}/`,
      received: path,
    };
  if (anchor === undefined || anchor === '' || file === null) return null;
  const anchors = anchorsOf(readPage(kindOf(file), file, file, await readFile(file, 'utf8')));
  return anchors.has(decoded(anchor))
    ? null
    : dead(`an anchor of ${target}: ${[...anchors].slice(0, 12).join(', ')}`);
}

const kindOf = (file: string) => (basename(file) === 'lesson.md' ? 'lesson' : 'guide');

/** Authors write links as their editor follows them; the site has addresses. */
function hereIs(page: Page, path: string, site: SiteMap): string {
  const file = resolve(dirname(page.path), path);
  const address = [...site.pages].find(([, each]) => each === file)?.[0];
  if (address !== undefined) return address;
  return existsSync(file)
    ? 'an address of the site; files beside a lesson are not published'
    : 'an address that the site has, such as /courses/COURSE/LESSON/';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
