/** The static edition in a real browser: complete, readable, accessible, and honest about labs. No server stands behind it. */
import AxeBuilder from '@axe-core/playwright';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsIn } from './axe.ts';
import { openStaticSite, type StaticSite } from './static-site.ts';

const lesson = '/courses/first-steps/';
let site: StaticSite;
let lessonPath: string;

beforeAll(async () => {
  site = await openStaticSite();
  lessonPath = await visit('/', {}, async (page) => {
    const href = await page.getByRole('link', { name: /Start a lab/ }).getAttribute('href');
    return (href ?? '').replace('?start', '');
  });
});
afterAll(() => site.close());

/** A page in a browser of its own; an exception in its scripts fails the test. */
async function visit<T>(
  path: string,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await site.browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const errors: Error[] = [];
  try {
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(error));
    await page.goto(site.url + path);
    const seen = await look(page);
    expect(errors).toEqual([]);
    return seen;
  } finally {
    await context.close();
  }
}

describe('from the landing page', () => {
  it('one click leads to the first lesson, which is asked to start', async () => {
    await visit('/', {}, async (page) => {
      await page.getByRole('link', { name: /Start a lab/ }).click();
      expect(new URL(page.url()).pathname).toContain(lesson);
      expect(new URL(page.url()).search).toBe('?start');
    });
  });
  it('says what this is on one screen, with the way in visible, also on a telephone', async () => {
    for (const viewport of [
      { width: 1440, height: 900 },
      { width: 390, height: 844 },
    ])
      await visit('/', { viewport }, async (page) => {
        const start = await page.getByRole('link', { name: /Start a lab/ }).boundingBox();
        expect(start && start.y + start.height).toBeLessThan(viewport.height);
      });
  });
  it('the Italian page is one switch away, and a lesson that nobody translated shows no switch', async () => {
    await visit('/', {}, async (page) => {
      await page.getByRole('link', { name: 'Italiano' }).click();
      expect(await page.locator('html').getAttribute('lang')).toBe('it');
      await page.getByRole('link', { name: 'English' }).click();
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      await page.goto(`${site.url}/courses/authoring/1-write-a-lesson/`);
      expect(await page.getByRole('link', { name: 'Italiano' }).count()).toBe(0);
    });
  });
  it('a lesson in Italian is one switch away: the same steps and commands in other words', async () => {
    await visit(lessonPath, {}, async (page) => {
      const steps = () =>
        page.locator('section.step').evaluateAll((all) => all.map((one) => one.dataset['step']));
      const commands = () => page.locator('figure.fence pre').allInnerTexts();
      const english = [await steps(), await commands()];
      await page.getByRole('link', { name: 'Italiano' }).click();
      expect(await page.locator('h1').innerText()).toBe('Come funziona un laboratorio');
      expect(await page.locator('.meta-line').innerText()).toContain('6 passi');
      expect([await steps(), await commands()]).toEqual(english);
      await page.getByRole('link', { name: 'English' }).click();
      expect(await page.locator('h1').innerText()).toBe('How a lab works');
    });
  });
});

describe('a lesson without a server', () => {
  it('says quietly that labs are not available here, offers no Start, and stays readable', async () => {
    await visit(lessonPath, {}, async (page) => {
      await page.getByText('Labs are not available here').waitFor();
      expect(await page.locator('button.start').isVisible()).toBe(false);
      expect(await page.locator('section.step').count()).toBeGreaterThan(1);
      expect(await page.locator('section.step h2').first().isVisible()).toBe(true);
    });
  });
  it('says so also when it is asked to start', async () => {
    await visit(`${lessonPath}?start`, {}, async (page) => {
      await page.getByText('Labs are not available here').waitFor();
      expect(new URL(page.url()).pathname).toBe(lessonPath);
    });
  });
  it('loads nothing heavy: no font, no terminal, no editor, no search before they are asked for', async () => {
    await visit('/no/such/', {}, async (page) => {
      await page.evaluate(() => {
        localStorage.clear();
      });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.goto(site.url + lessonPath, { waitUntil: 'networkidle' });
      expect(asked.length).toBeGreaterThan(2);
      expect(asked.filter((path) => /woff2|xterm|monaco|editor|pagefind|ui-core|open\./.test(path))).toEqual(
        [],
      );
    });
  });
  it('takes the fonts that another page has brought already', async () => {
    await visit('/', {}, async (page) => {
      await page.waitForFunction(() => localStorage.getItem('fonts') !== null);
      await page.goto(site.url + lessonPath, { waitUntil: 'networkidle' });
      expect(await page.evaluate(() => getComputedStyle(document.body).fontFamily)).toMatch(
        /^"Inter Variable"/,
      );
    });
  });
  it('can be read with scripts switched off', async () => {
    await visit(lessonPath, { javaScriptEnabled: false }, async (page) => {
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.locator('section.step h2').first().isVisible()).toBe(true);
      expect(await page.locator('figure.fence pre').first().isVisible()).toBe(true);
    });
  });
  it('carries the sidebar of its own course and of no other', async () => {
    await visit(lessonPath, {}, async (page) => {
      const links = await page
        .locator('#starlight__sidebar ul a')
        .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
      expect(links.length).toBeGreaterThan(1);
      expect(links.filter((href) => href?.startsWith('/courses/') && !href.startsWith(lesson))).toEqual([]);
    });
  });
});

describe('the frame', () => {
  it('searches: Ctrl+K, a word, a result, and Escape closes it', async () => {
    await visit('/guides/', {}, async (page) => {
      await page.keyboard.press('Control+k');
      const field = page.getByRole('dialog').getByRole('textbox');
      await field.fill('terminal');
      await page.getByRole('dialog').getByRole('link', { name: 'How a lab works' }).first().waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    });
  });
  it('keeps what is typed while the search is still on its way', async () => {
    await visit('/guides/', {}, async (page) => {
      await page.route('**/search.*.js', async (route) => {
        await new Promise((done) => setTimeout(done, 500));
        await route.continue();
      });
      await page.keyboard.press('Control+k');
      await page.keyboard.type('term');
      const field = page.getByRole('dialog').getByRole('textbox');
      await field.waitFor();
      await page.waitForFunction(
        () => document.querySelector<HTMLInputElement>('dialog input')?.value === 'term',
      );
      await page.keyboard.type('inal');
      expect(await field.inputValue()).toBe('terminal');
      await page.getByRole('dialog').getByRole('link').first().waitFor();
    });
  });
  it('finds lessons too', async () => {
    await visit('/', {}, async (page) => {
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('dialog').getByRole('textbox').fill('first steps');
      await page.getByRole('dialog').locator(`a[href^="${lesson}"]`).first().waitFor();
    });
  });
  it('keeps the theme that was chosen, over pages', async () => {
    await visit('/', { colorScheme: 'light' }, async (page) => {
      expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
      await page.getByRole('button', { name: 'Light or dark' }).first().click();
      await page.goto(`${site.url}/courses/`);
      expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    });
  });
  it('follows the system until a theme was chosen', async () => {
    await visit('/', { colorScheme: 'dark' }, async (page) => {
      expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
      await page.emulateMedia({ colorScheme: 'light' });
      await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'light');
    });
  });
  it('has a menu on a telephone, on pages with and without a sidebar', async () => {
    await visit('/', { viewport: { width: 390, height: 844 } }, async (page) => {
      await page.getByRole('button', { name: 'Menu' }).click();
      await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Guides' }).click();
      await page.getByRole('button', { name: 'Menu' }).click();
      await page.locator('#starlight__sidebar').getByRole('link', { name: 'Courses' }).click();
      expect(new URL(page.url()).pathname).toBe('/courses/');
    });
  });
  it('lets the keyboard skip to the content, with a focus that can be seen', async () => {
    await visit('/guides/how-a-lab-works/', {}, async (page) => {
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe('#_top');
      await page.keyboard.press('Tab');
      const outline = await page.evaluate(
        () => getComputedStyle(document.activeElement ?? document.body).outlineStyle,
      );
      expect(outline).toBe('solid');
    });
  });
  it('answers an address that leads nowhere with a way on', async () => {
    await visit('/nowhere/at/all/', {}, async (page) => {
      expect(await page.locator('h1').textContent()).toBe('This page is not here');
      expect(await page.getByRole('main').getByRole('link', { name: 'All courses' }).isVisible()).toBe(true);
    });
  });
});

describe('with a learner signed in', () => {
  it('wall bars fill with what was done, and stay visible', async () => {
    await visit('/no/such/', {}, async (page) => {
      const [, course = '', id = ''] = /courses\/([^/]+)\/([^/]+)/.exec(lessonPath) ?? [];
      const me = {
        id: 'a'.repeat(20),
        login: 'ada',
        name: 'Ada Lovelace',
        email: null,
        groups: [],
        roles: ['learner'],
        until: 0,
      };
      await page.route('**/api/session', (route) =>
        route.fulfill({ json: { me, kits: [], version: '0', provider: 'IAM' } }),
      );
      const lessons = [{ id, title: 'T', minutes: 1, done: 2, steps: 4 }];
      await page.route('**/api/courses', (route) =>
        route.fulfill({ json: [{ id: course, title: 'T', entitled: true, lessons }] }),
      );
      await page.goto(`${site.url}/courses/`);
      const rungs = page.locator(`.bars[data-course="${course}"] i`);
      await page.locator('.bars [data-rung=done]').first().waitFor();
      const states = await rungs.evaluateAll((all) => all.map((rung) => rung.dataset['rung']));
      expect(states).toEqual(['done', 'done', 'next', '']);
      for (const box of await Promise.all((await rungs.all()).map((rung) => rung.boundingBox())))
        expect(box?.height).toBeGreaterThan(2);
      expect(await page.getByRole('button', { name: 'AL' }).isVisible()).toBe(true);
    });
  });
});

describe('/check/ and /my-labs/ without a server', () => {
  it('say so in a sentence instead of failing', async () => {
    await visit('/check/', {}, async (page) => {
      await page.getByText('There is no lab server behind this page').waitFor();
      await page.getByText('Labs are not available here.').waitFor();
      expect(await page.getByText('WebSocket').count()).toBe(0);
    });
    await visit('/my-labs/', {}, (page) => page.getByText('Labs are not available here').waitFor());
  });
});

describe.each([1440, 1024, 390])('at %i px', (width) => {
  it.each(['light', 'dark'] as const)(
    'in %s, every kind of page is accessible and fits',
    async (colorScheme) => {
      // every kind of page where most people are; elsewhere the two that lay themselves out most
      const primary = width === 1440 || (width === 390 && colorScheme === 'light');
      const kinds = primary ? allKinds() : ['/courses/', lessonPath];
      const found = await visit('/', { viewport: { width, height: 900 }, colorScheme }, async (page) => {
        const faults = await faultsOf(page);
        for (const path of kinds) {
          await page.goto(site.url + path);
          faults.push(...(await faultsOf(page)).map((fault) => `${path} ${fault}`));
        }
        return faults;
      });
      expect(found).toEqual([]);
    },
  );
});

function allKinds(): string[] {
  return [
    '/it/',
    '/courses/',
    lesson,
    lessonPath,
    `/it${lessonPath}`,
    '/guides/write-a-lesson/',
    '/check/',
    '/my-labs/',
    '/no/such/',
  ];
}

/** What axe finds, in legacy mode (a second page for each analysis costs more than the analysis), and whether it fits. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(() => document.fonts.ready);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
  const faults = await faultsIn(new AxeBuilder({ page }).setLegacyMode(true).withTags(tags));
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return wider > 0 ? [...faults, `${String(wider)} px too wide`] : faults;
}

describe('enlarged', () => {
  it('a lesson reflows at 320 px without a sideways scroll', async () => {
    await visit(lessonPath, { viewport: { width: 320, height: 640 } }, async (page) => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    });
  });
});
