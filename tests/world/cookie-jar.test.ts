import { describe, expect, it } from 'vitest';
import { CookieJar } from './cookie-jar.ts';

const answer = (...cookies: string[]): Response => {
  const headers = new Headers();
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response(null, { headers });
};

describe('a cookie jar', () => {
  it('sends what fits the path, the most specific first', () => {
    const jar = new CookieJar();
    jar.keep(answer('_xsrf=a; Path=/', '_xsrf=b; Path=/user/ada/; HttpOnly', 'other=c=d; Path=/hub/'));
    expect(jar.header('/user/ada/lab')).toBe('_xsrf=b; _xsrf=a');
    expect(jar.value('_xsrf', '/user/ada/lab')).toBe('b');
    expect(jar.header('/hub/login')).toBe('other=c=d; _xsrf=a');
  });
  it('forgets what is deleted or expired', () => {
    const jar = new CookieJar();
    jar.keep(answer('a=1; Path=/', 'b=1; Path=/'));
    jar.keep(answer('a=; Path=/; Max-Age=0', 'b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'));
    expect(jar.header('/')).toBe('');
  });
});
