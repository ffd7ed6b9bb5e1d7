/**
 * Drafts: unsaved text kept in the browser (IndexedDB: a file may be larger than localStorage holds), so that a
 * closed tab loses nothing. Each tab keeps its own and holds a lock while it lives; only drafts of tabs that
 * are gone are offered.
 */
export interface Draft {
  readonly lab: string;
  readonly path: string;
  readonly tab: string;
  readonly text: string;
  /** of the file the draft began from */
  readonly etag: string | null;
  /** ms since the epoch */
  readonly at: number;
}

/** The draft worth offering: the newest of a tab that is gone, where it differs from what is saved. Pure. */
export function draftToOffer(
  drafts: readonly Draft[],
  alive: ReadonlySet<string>,
  saved: string,
): Draft | null {
  const left = drafts.filter((draft) => !alive.has(draft.tab) && draft.text !== saved);
  return left.sort((a, b) => b.at - a.at)[0] ?? null;
}

export interface Drafts {
  keep(draft: Omit<Draft, 'tab' | 'at'>): Promise<void>;
  /** every draft of this file that no living tab holds, and this tab's own */
  forget(lab: string, path: string): Promise<void>;
  offer(lab: string, path: string, saved: string): Promise<Draft | null>;
  /** paths that a closed tab left unsaved */
  left(lab: string): Promise<readonly string[]>;
}

/** @param now clock, ms */
export async function openDrafts(now: () => number = Date.now): Promise<Drafts> {
  const tab = crypto.randomUUID();
  void navigator.locks.request(lockOf(tab), () => new Promise<void>(() => undefined));
  const base = await openBase();
  const of = (lab: string, path: string): Promise<Draft[]> =>
    promised<Draft[]>(
      store(base, 'readonly').getAll(IDBKeyRange.bound([lab, path, ''], [lab, path, '\uffff'])) as IDBRequest<
        Draft[]
      >,
    );
  const ofLab = (lab: string): Promise<Draft[]> =>
    promised<Draft[]>(
      store(base, 'readonly').getAll(
        IDBKeyRange.bound([lab, '', ''], [lab, '\uffff', '\uffff']),
      ) as IDBRequest<Draft[]>,
    );
  return {
    async keep(draft) {
      await promised(store(base, 'readwrite').put({ ...draft, tab, at: now() } satisfies Draft));
    },
    async forget(lab, path) {
      const alive = await living();
      for (const draft of await of(lab, path)) {
        if (draft.tab === tab || !alive.has(draft.tab))
          await promised(store(base, 'readwrite').delete([lab, path, draft.tab]));
      }
    },
    async offer(lab, path, saved) {
      return draftToOffer(await of(lab, path), await living(), saved);
    },
    async left(lab) {
      const alive = await living();
      return [
        ...new Set((await ofLab(lab)).filter((draft) => !alive.has(draft.tab)).map((draft) => draft.path)),
      ];
    },
  };
}

const lockOf = (tab: string): string => `palestra.tab.${tab}`;

async function living(): Promise<ReadonlySet<string>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(held.map(({ name = '' }) => name.replace(/^palestra\.tab\./, '')));
}

function openBase(): Promise<IDBDatabase> {
  const request = indexedDB.open('palestra', 1);
  request.onupgradeneeded = () =>
    request.result.createObjectStore('drafts', { keyPath: ['lab', 'path', 'tab'] });
  return promised(request);
}

function store(base: IDBDatabase, mode: IDBTransactionMode): IDBObjectStore {
  return base.transaction('drafts', mode).objectStore('drafts');
}

function promised<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The browser keeps no drafts.'));
  });
}
