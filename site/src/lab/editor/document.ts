/**
 * An open file as a union: clean, dirty, saving, or in conflict with what somebody else saved. Pure.
 * `etag: null`: there is no such file on the sandbox yet, saving makes one and overwrites none.
 */
export type Doc =
  | { readonly at: 'clean'; readonly etag: string | null }
  /** `problem`: why the last save failed */
  | { readonly at: 'dirty'; readonly etag: string | null; readonly problem: string | null }
  /** `changed`: typed since the save began */
  | { readonly at: 'saving'; readonly etag: string | null; readonly changed: boolean }
  /** `theirs`: the etag there now; null: deleted there */
  | { readonly at: 'conflict'; readonly etag: string | null; readonly theirs: string | null };

export type DocEvent =
  | { readonly type: 'edited' }
  /** by undoing, the text is again what was saved */
  | { readonly type: 'unedited' }
  | { readonly type: 'save' }
  | { readonly type: 'saved'; readonly etag: string }
  /** 412: somebody saved in between */
  | { readonly type: 'stale'; readonly theirs: string | null }
  | { readonly type: 'failed'; readonly message: string }
  /** an event of the sandbox; `etag` undefined: changed, and nobody says to what; null: deleted */
  | { readonly type: 'changed-there'; readonly etag: string | null | undefined }
  /** the text was loaded anew */
  | { readonly type: 'loaded'; readonly etag: string }
  | { readonly type: 'keep-mine' };

/** @returns the next state; an event that does not fit leaves it as it is */
export function nextDoc(doc: Doc, event: DocEvent): Doc {
  switch (event.type) {
    case 'edited':
      return edited(doc);
    case 'unedited':
      return doc.at === 'dirty' && doc.etag !== null ? { at: 'clean', etag: doc.etag } : doc;
    case 'save':
      return doc.at === 'dirty' || doc.at === 'clean'
        ? { at: 'saving', etag: doc.etag, changed: false }
        : doc;
    case 'saved':
      if (doc.at !== 'saving') return doc;
      return doc.changed
        ? { at: 'dirty', etag: event.etag, problem: null }
        : { at: 'clean', etag: event.etag };
    case 'stale':
      return doc.at === 'saving' ? { at: 'conflict', etag: doc.etag, theirs: event.theirs } : doc;
    case 'failed':
      return doc.at === 'saving' ? { at: 'dirty', etag: doc.etag, problem: event.message } : doc;
    case 'changed-there':
      return changedThere(doc, event.etag);
    case 'loaded':
      return { at: 'clean', etag: event.etag };
    case 'keep-mine':
      return doc.at === 'conflict' ? { at: 'saving', etag: doc.theirs, changed: false } : doc;
  }
}

function edited(doc: Doc): Doc {
  if (doc.at === 'saving') return { ...doc, changed: true };
  return doc.at === 'clean' ? { at: 'dirty', etag: doc.etag, problem: null } : doc;
}

/** While saving it may be our own save that is told of: the answer to the save decides. */
function changedThere(doc: Doc, etag: string | null | undefined): Doc {
  if (doc.at === 'saving' || etag === undefined || etag === doc.etag) return doc;
  if (doc.at === 'conflict') return { ...doc, theirs: etag };
  if (doc.at === 'dirty')
    return doc.etag === null && etag === null ? doc : { at: 'conflict', etag: doc.etag, theirs: etag };
  // deleted under an open, unchanged file: kept here, so that a save brings it back
  return etag === null ? { at: 'dirty', etag: null, problem: null } : doc;
}

/** Whether an unchanged file should be loaded again after a change over there. */
export function wantsReload(doc: Doc, etag: string | null | undefined): boolean {
  return doc.at === 'clean' && etag !== null && etag !== doc.etag;
}

/** The headers that keep two tabs from overwriting each other. */
export function precondition(etag: string | null): Record<string, string> {
  return etag === null ? { 'if-none-match': '*' } : { 'if-match': etag };
}

export function isUnsaved(doc: Doc): boolean {
  return doc.at !== 'clean';
}
