/** Signing in at the development provider by script, over plain HTTP: for tests, classes of 28 and benches. */
import { browser, type Browser, type Page } from './browser.ts';

export type Who =
  { readonly persona: 'ada' | 'enrico' | 'emmy' } | { readonly username: string; readonly name?: string };

/**
 * From the portal's /auth/login to its session cookie.
 * @param portal e.g. http://localhost:4747
 * @returns the browser with its cookies, and the page it ended at; throws where the sign-in page did not come
 */
export async function signIn(
  portal: string,
  who: Who,
  at: Browser = browser(),
  next = '/',
): Promise<{ browser: Browser; page: Page }> {
  const page = await at.get(`${portal}/auth/login?next=${encodeURIComponent(next)}`);
  if (!page.url.pathname.includes('/interaction/'))
    throw new Error(`no sign-in page but ${page.status} at ${page.url.href}`);
  return { browser: at, page: await at.post(page.url, { ...who }) };
}
