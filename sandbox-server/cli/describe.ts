/** `palestra describe`: what a course is, for an event's page, and for programs in the words of schema.org. */
import { join } from 'node:path';
import { describeForIndico, describeInMarkdown } from '../authoring/index.ts';
import { courseLinkedData } from '../catalogue/linked-data.ts';
import { loadCatalogue } from '../catalogue/load.ts';
import { Problem } from '../contract/errors.ts';
import { courseNamed } from './named.ts';
import { ROOT } from './settings.ts';

export interface DescribeCommand {
  readonly indico?: boolean;
  readonly json?: boolean;
  /** where the site stands */
  readonly site?: string;
}

export async function describeCourse(name: string, options: DescribeCommand): Promise<void> {
  const course = courseNamed(await loadCatalogue(join(ROOT, 'courses')), name);
  const site = siteOf(options.site);
  const address = site === '' ? null : `${site}/courses/${course.id}/`;
  const text =
    options.json === true
      ? `${JSON.stringify(courseLinkedData(course, site), null, 2)}\n`
      : options.indico === true
        ? describeForIndico(course, address)
        : describeInMarkdown(course, address);
  process.stdout.write(text);
}

/** @returns without a slash at its end; '' where none is given */
function siteOf(site: string | undefined): string {
  if (site === undefined) return '';
  const url = URL.parse(site);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href.replace(/\/$/, '');
  throw new Problem(
    'bad-request',
    `--site takes the address of the site, such as https://palestra.example, not ${site}.`,
  );
}
