/** Tabs by the ARIA pattern: arrows move, Home and End jump, Delete closes; only the current one is a Tab stop. */
import { say } from '../words/layout.ts';
export interface Tab {
  readonly id: string;
  readonly title: string;
  /** a dot before the title: `busy` runs something, `live` is reachable, `dirty` is not saved */
  readonly mark?: 'busy' | 'live' | 'dirty' | null;
  readonly close?: () => void;
}
interface Props {
  readonly label: string;
  /** of the ids: tab `${prefix}-tab-${id}` controls panel `${prefix}-${id}` */
  readonly prefix: string;
  readonly current: string;
  readonly tabs: readonly Tab[];
  readonly onSelect: (id: string) => void;
}
const MARKS = { busy: say('runs a program'), live: say('reachable'), dirty: say('not saved') } as const;

export function TabList({ label, prefix, current, tabs, onSelect }: Props) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ id }) => id === current);
    const to = destination(event.key, at, tabs.length);
    if (event.key === 'Delete') tabs[at]?.close?.();
    const tab = to === null ? undefined : tabs[to];
    if (tab === undefined) return;
    event.preventDefault();
    onSelect(tab.id);
    document.getElementById(`${prefix}-tab-${tab.id}`)?.focus();
  };
  return (
    <div class="lab-tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <span class={`lab-tab${tab.id === current ? ' on' : ''}`} key={tab.id} role="presentation">
          <button
            type="button"
            role="tab"
            id={`${prefix}-tab-${tab.id}`}
            aria-controls={`${prefix}-${tab.id}`}
            aria-selected={tab.id === current}
            tabIndex={tab.id === current ? 0 : -1}
            aria-keyshortcuts={tab.close === undefined ? undefined : 'Delete'}
            onClick={() => onSelect(tab.id)}
          >
            {tab.mark && (
              <i class={`dot ${tab.mark}`} role="img" aria-label={MARKS[tab.mark]} title={MARKS[tab.mark]} />
            )}
            {tab.title}
          </button>
          {tab.close && (
            // for the mouse; by keyboard it is Delete (a tablist may hold nothing but tabs)
            <span class="lab-x" aria-hidden="true" title={say('Close {0}', tab.title)} onClick={tab.close}>
              ×
            </span>
          )}
        </span>
      ))}
    </div>
  );
}

/** @returns the index that a key leads to, around the ends; null where it leads nowhere */
function destination(key: string, at: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return (at - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
