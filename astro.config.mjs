// The static site: guides and courses, complete without a server. `npx astro build` writes dist/.
import { fileURLToPath } from 'node:url';
import starlight from '@astrojs/starlight';
import { unified } from '@astrojs/markdown-remark';
import { defineConfig } from 'astro/config';
import { lessonPage } from './sandbox-server/catalogue/page.ts';
import { codeBlanks } from './site/src/markdown/code-blanks.ts';
import { courseCheck } from './site/src/courses/build-check.ts';
import { monacoStyles } from './site/src/look/monaco-styles.ts';

const courses = fileURLToPath(new URL('./courses', import.meta.url));
const docs = fileURLToPath(new URL('./site/src/content/docs', import.meta.url));

export default defineConfig({
  srcDir: './site/src',
  publicDir: './site/public',
  outDir: './dist',
  trailingSlash: 'always',
  // nothing of the page is fetched before somebody asks for it
  prefetch: false,
  markdown: {
    // smartypants would turn the dashes of an option into typography
    processor: unified({
      smartypants: false,
      remarkPlugins: [[lessonPage, { courses, docs }]],
      rehypePlugins: [codeBlanks],
    }),
    syntaxHighlight: 'shiki',
    shikiConfig: { theme: 'css-variables' },
  },
  vite: {
    plugins: [monacoStyles()],
    // Monaco is one chunk of 3 MB, fetched when the editor first opens
    build: { assetsInlineLimit: 2048, chunkSizeWarningLimit: 4000 },
  },
  integrations: [
    // Starlight adds the sitemap integration unless one of its name is here; without a fixed address there is no sitemap
    { name: '@astrojs/sitemap', hooks: {} },
    courseCheck(courses),
    starlight({
      title: 'Palestra',
      description:
        'Guides and hands-on labs for data-intensive computing: each page opens a real environment of your own.',
      favicon: '/favicon.svg',
      locales: { root: { label: 'English', lang: 'en' }, it: { label: 'Italiano', lang: 'it' } },
      defaultLocale: 'root',
      customCss: ['./site/src/look/tokens.css', './site/src/look/fonts.css', './site/src/look/starlight.css'],
      // shiki with the page's own colours: a third of Expressive Code's bytes (docs/decisions/)
      expressiveCode: false,
      markdown: { processedDirs: ['./courses/'], headingLinks: false },
      pagination: false,
      disable404Route: true,
      components: {
        Footer: './site/src/frame/Footer.astro',
        Header: './site/src/frame/Header.astro',
        LanguageSelect: './site/src/frame/LanguageSelect.astro',
        MobileMenuFooter: './site/src/frame/MobileMenuFooter.astro',
        PageTitle: './site/src/frame/PageTitle.astro',
        Search: './site/src/frame/Search.astro',
        ThemeProvider: './site/src/frame/ThemeProvider.astro',
        ThemeSelect: './site/src/frame/ThemeSelect.astro',
      },
      sidebar: [
        {
          label: 'Guides',
          translations: { it: 'Guide' },
          items: [{ autogenerate: { directory: 'guides' } }],
        },
      ],
    }),
  ],
});
