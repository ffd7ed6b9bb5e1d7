/** Keys under which this browser remembers how a person likes the workspace. Storage may be full or forbidden: then it forgets. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`palestra.${key}`);
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

export function rememberThat(key: string, value: string): void {
  try {
    localStorage.setItem(`palestra.${key}`, value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
