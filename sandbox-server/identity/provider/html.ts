/** HTML made by a tagged template that escapes everything which is not HTML already. */

export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
type Part = string | Html | readonly Html[];

/** @example html`<p>${name}</p>` with `name` escaped, also inside a quoted attribute */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.map((text, i) => text + (i < parts.length ? inserted(parts[i] ?? '') : '')).join(''));
}

function inserted(part: Part): string {
  if (part instanceof Html) return part.text;
  return typeof part === 'string' ? escaped(part) : part.map((h) => h.text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};
function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (c) => ENTITIES[c] ?? '');
}
