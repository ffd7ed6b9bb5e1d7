import { defineCollection } from 'astro:content';
import { glob } from 'astro/loaders';
import { z } from 'astro/zod';
import { docsLoader, i18nLoader } from '@astrojs/starlight/loaders';
import { docsSchema, i18nSchema } from '@astrojs/starlight/schema';
import { entryAt } from './courses/words.ts';

export const collections = {
  // a guide with a kit is proven (catalogue/guides.ts reads the rest of what it says)
  docs: defineCollection({
    loader: docsLoader(),
    schema: docsSchema({ extend: z.object({ kit: z.string().optional() }) }),
  }),
  i18n: defineCollection({ loader: i18nLoader(), schema: i18nSchema() }),
  // exact names: a README or a half-written file beside a lesson is not a page.
  // What stands in the front matter is the catalogue's business (courses/catalogue.ts); here it is only rendered.
  lessons: defineCollection({
    loader: glob({
      base: './courses',
      pattern: '*/*/lesson{,.[a-z][a-z]}.md',
      generateId: ({ entry }) => entryAt(entry),
    }),
    schema: z.looseObject({
      title: z.string(),
      questions: z.array(z.string()).default([]),
      objectives: z.array(z.string()).default([]),
      keypoints: z.array(z.string()).default([]),
    }),
  }),
};
