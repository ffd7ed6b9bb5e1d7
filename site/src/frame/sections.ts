/** The parts of the site as the header and the menu name them, in the languages of the site. */
export interface Section {
  readonly href: string;
  readonly label: string;
}
type Words = Readonly<Record<'courses' | 'guides' | 'check' | 'labs', string>>;

const words: Readonly<Record<string, Words>> = {
  en: { courses: 'Courses', guides: 'Guides', check: 'Check', labs: 'My labs' },
  it: { courses: 'Corsi', guides: 'Guide', check: 'Verifica', labs: 'I miei laboratori' },
};

/** @param locale undefined for English, the root locale */
export function sectionsIn(locale: string | undefined): readonly Section[] {
  const say = words[locale ?? 'en'] ?? words['en'];
  if (say === undefined) return [];
  const prefix = locale === undefined ? '' : `/${locale}`;
  return [
    { href: '/courses/', label: say.courses },
    { href: `${prefix}/guides/`, label: say.guides },
    { href: '/check/', label: say.check },
  ];
}

/** Is `path` inside that section? The section's own page counts. */
export function isIn(section: Section, path: string): boolean {
  return path === section.href || path.startsWith(section.href);
}
