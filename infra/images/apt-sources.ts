/**
 * Where this machine's apt gets Debian (or Ubuntu) itself from; pure. Others' archives (a vendor's, PostgreSQL's) stay
 * out: an image is made of the distribution alone, and what they add would change it.
 */

export interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** a keyring's path, or the key itself; null: apt's own keyrings */
  readonly signedBy: string | null;
}

/** @param text of a `.list` or a `.sources` file @param codename e.g. `bookworm` */
export function sourcesOf(text: string, codename: string): readonly AptSource[] {
  const all = /^\s*deb(-src)?\s/m.test(text) ? oneLine(text) : deb822(text);
  return all.flatMap((source) => {
    const suites = source.suites.filter((suite) => isOwn(suite, codename));
    return suites.length > 0 && source.components.includes('main') ? [{ ...source, suites }] : [];
  });
}

/** The same as text that apt reads from a `.sources` file. */
export function toDeb822(sources: readonly AptSource[]): string {
  return sources
    .map(({ uris, suites, components, signedBy }) =>
      [
        'Types: deb',
        `URIs: ${uris.join(' ')}`,
        `Suites: ${suites.join(' ')}`,
        `Components: ${components.join(' ')}`,
        ...(signedBy === null ? [] : [`Signed-By: ${signedBy}`]),
      ].join('\n'),
    )
    .join('\n\n')
    .concat('\n');
}

function isOwn(suite: string, codename: string): boolean {
  return [codename, `${codename}-updates`, `${codename}-security`].includes(suite);
}

function oneLine(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    if (found === null) return [];
    const [, options = '', uri = '', suite = '', components = ''] = found;
    const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1] ?? null;
    return [{ uris: [uri], suites: [suite], components: words(components), signedBy }];
  });
}

function deb822(text: string): AptSource[] {
  const withoutComments = text.replaceAll(/^#.*\n?/gm, '');
  return withoutComments.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = fieldsOf(stanza);
    if (!words(fields.get('types') ?? '').includes('deb') || fields.get('enabled') === 'no') return [];
    return [
      {
        uris: words(fields.get('uris') ?? ''),
        suites: words(fields.get('suites') ?? ''),
        components: words(fields.get('components') ?? ''),
        signedBy: fields.get('signed-by') ?? null,
      },
    ];
  });
}

/** A line that begins with a blank continues the one before. */
function fieldsOf(stanza: string): Map<string, string> {
  const lines = stanza.replaceAll(/\n(?=[ \t])/g, '\u0000').split('\n');
  return new Map(
    lines.flatMap((line) => {
      const found = /^([A-Za-z-]+):\s*(.*)$/s.exec(line);
      return found === null
        ? []
        : [[(found[1] ?? '').toLowerCase(), (found[2] ?? '').replaceAll('\u0000', '\n').trim()] as const];
    }),
  );
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
