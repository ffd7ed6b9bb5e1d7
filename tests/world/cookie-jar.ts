/** A browser's cookies for one host, as far as tests and benches need them: name, path, expiry. */
export class CookieJar {
  readonly #cookies = new Map<string, { name: string; value: string; path: string }>();

  keep(response: Pick<Response, 'headers'>): void {
    for (const line of response.headers.getSetCookie()) this.#store(line);
  }
  /** The Cookie header for a path, most specific first as browsers order them. */
  header(path: string): string {
    return this.#for(path)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }
  value(name: string, path: string): string | undefined {
    return this.#for(path).find((cookie) => cookie.name === name)?.value;
  }

  #for(path: string): { name: string; value: string; path: string }[] {
    return [...this.#cookies.values()]
      .filter((c) => path.startsWith(c.path))
      .sort((a, b) => b.path.length - a.path.length);
  }
  #store(line: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const [name = '', ...rest] = pair.split('=');
    const attribute = (key: string) =>
      attributes.find((a) => a.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const path = attribute('path') ?? '/';
    const ends = new Date(attribute('expires') ?? Date.now() + 1000).getTime();
    if (attribute('max-age') === '0' || ends < Date.now()) this.#cookies.delete(`${name} ${path}`);
    else this.#cookies.set(`${name} ${path}`, { name, value: rest.join('='), path });
  }
}
