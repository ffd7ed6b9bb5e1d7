/**
 * The body of a third-party copy as it streams: performance markers, then one line that says how it ended. Bytes may
 * arrive cut anywhere; what an element sends is bounded here, whatever it sends.
 */

export interface Marker {
  /** Unix seconds, by the element's clock */
  readonly timestamp: number;
  readonly stripe: number;
  readonly stripes: number;
  /** of this stripe, so far */
  readonly bytes: number;
}
export type Said =
  | { readonly kind: 'marker'; readonly marker: Marker }
  | { readonly kind: 'success'; readonly text: string }
  | { readonly kind: 'failure'; readonly text: string }
  | { readonly kind: 'garbage'; readonly line: string };

export interface MarkerParser {
  /** Takes what arrived. @returns what was said up to the last whole line */
  take(chunk: string): readonly Said[];
  /** The stream ended: a last line without its end counts. */
  end(): readonly Said[];
}

const BEGIN = /^perf marker$/i;
const END = /^end$/i;
const FIELD = /^(timestamp|stripe index|stripe bytes transferred|total stripe count)\s*:\s*(\d{1,18})$/i;
/** fields that we do not need, such as RemoteConnections */
const OTHER_FIELD = /^[A-Za-z][A-Za-z ]{0,40}:/;
const SUCCESS = /^success\b:?\s*(.*)$/i;
const FAILURE = /^(?:failure|aborted|error)\b:?\s*(.*)$/i;
/** a line of an honest element has some hundred characters */
const MOST_LINE = 8192;

export function createMarkerParser(): MarkerParser {
  let rest = '';
  let open: Map<string, number> | null = null;

  function line(raw: string): readonly Said[] {
    const text = raw.trim();
    if (text === '') return [];
    if (BEGIN.test(text)) {
      open = new Map();
      return [];
    }
    const ending = endingOf(text);
    if (ending !== null) return [ending];
    return open === null ? [{ kind: 'garbage', line: text.slice(0, 200) }] : inside(open, text);
  }

  function inside(fields: Map<string, number>, text: string): readonly Said[] {
    if (END.test(text)) {
      open = null;
      const marker = markerOf(fields);
      return marker === null
        ? [{ kind: 'garbage', line: 'a marker without its bytes' }]
        : [{ kind: 'marker', marker }];
    }
    const [, name, value] = FIELD.exec(text) ?? [];
    if (name !== undefined) fields.set(name.toLowerCase(), Number(value));
    else if (!OTHER_FIELD.test(text)) return [{ kind: 'garbage', line: text.slice(0, 200) }];
    return [];
  }

  return {
    take(chunk) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      const said = lines.flatMap(line);
      if (rest.length <= MOST_LINE) return said;
      const garbage = rest.slice(0, 200);
      rest = '';
      return [...said, { kind: 'garbage', line: garbage }];
    },
    end() {
      const last = rest;
      rest = '';
      return line(last);
    },
  };
}

function endingOf(text: string): Said | null {
  const success = SUCCESS.exec(text);
  if (success !== null) return { kind: 'success', text: success[1] ?? '' };
  const failure = FAILURE.exec(text);
  return failure === null ? null : { kind: 'failure', text: failure[1] ?? '' };
}

function markerOf(fields: ReadonlyMap<string, number>): Marker | null {
  const bytes = fields.get('stripe bytes transferred');
  if (bytes === undefined || !Number.isSafeInteger(bytes)) return null;
  return {
    bytes,
    timestamp: fields.get('timestamp') ?? 0,
    stripe: fields.get('stripe index') ?? 0,
    stripes: fields.get('total stripe count') ?? 1,
  };
}

/** Bytes of all stripes together; never less than before, whatever an element says. */
export function createProgress(): { take(marker: Marker): number } {
  const stripes = new Map<number, number>();
  return {
    take({ stripe, bytes }) {
      // an element that counts stripes for ever would fill our memory
      if (stripes.has(stripe) || stripes.size < 256)
        stripes.set(stripe, Math.max(bytes, stripes.get(stripe) ?? 0));
      return [...stripes.values()].reduce((sum, one) => sum + one, 0);
    },
  };
}
