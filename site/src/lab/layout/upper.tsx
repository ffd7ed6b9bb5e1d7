/** The upper half of the workspace: *Editor*, *Data* where the lesson uses the lake, and a tab for each port with a page. */
import { computed, signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { DATA_LAKE, DataTab } from '../data/data-tab.tsx';
import { EditorPanel } from '../editor/editor-panel.tsx';
import type { EditorParts } from '../editor/editor-panel.tsx';
import { appeared, portTabs, portTitle } from '../preview/ports.ts';
import { Preview } from '../preview/preview.tsx';
import type { Work } from '../work.ts';
import { TabList } from './tabs.tsx';
import type { Tab } from './tabs.tsx';
import { say } from '../words/layout.ts';

export function Upper({ work, parts }: { work: Work; parts: EditorParts }) {
  const chosen = useMemo(() => signal<ReadonlySet<number>>(new Set()), []);
  const ports = useMemo(
    () =>
      computed(() => {
        const jupyter = work.jupyter.value;
        const all = jupyter === null ? chosen.value : new Set([...chosen.value, jupyter.port]);
        return portTabs(work.ports.value, all);
      }),
    [work],
  );
  const kept = useRef<ReadonlySet<number>>(new Set());
  const { tabs, others } = ports.value;
  // a tab that was opened once stays, so that a dashboard is still there when its cluster restarts
  kept.current = new Set([...kept.current, ...tabs]);
  const shownTabs = [...kept.current].sort((a, b) => a - b);
  const before = useRef<readonly number[]>([]);
  useEffect(() => {
    const [fresh] = appeared(before.current, tabs);
    before.current = tabs;
    // shown by itself only where nobody works in the editor
    if (fresh !== undefined && parts.editor.files.value.length === 0)
      work.upper.value = `port-${String(fresh)}`;
  }, [tabs.join()]);

  const current = work.upper.value;
  const hasData = work.page.services.includes(DATA_LAKE);
  const all: Tab[] = [
    { id: 'editor', title: say('Editor'), mark: work.unsaved.value.length > 0 ? 'dirty' : null },
    ...(hasData ? [{ id: 'data', title: say('Data') }] : []),
    ...shownTabs.map((port): Tab => ({
      id: `port-${String(port)}`,
      title: portTitle(port),
      mark: tabs.includes(port) && work.ports.value.some((open) => open.port === port) ? 'live' : null,
    })),
  ];
  const choose = (port: number): void => {
    chosen.value = new Set([...chosen.value, port]);
    work.upper.value = `port-${String(port)}`;
  };
  return (
    <>
      <div class="lab-upper-tabs">
        <TabList
          label={hasData ? say('Editor, data and previews') : say('Editor and previews')}
          prefix="lab-upper"
          current={current}
          tabs={all}
          onSelect={(id) => (work.upper.value = id)}
        />
        {others.length > 0 && (
          <select
            aria-label={say('Open another port')}
            onChange={(event) => (
              choose(Number(event.currentTarget.value)),
              (event.currentTarget.value = '')
            )}
          >
            <option value="">{say('ports…')}</option>
            {others.map(({ port, command }) => (
              <option key={port} value={port}>
                {port} {command.slice(0, 40)}
              </option>
            ))}
          </select>
        )}
      </div>
      <div class="lab-upper-body">
        <EditorPanel work={work} parts={parts} shown={current === 'editor'} />
        {hasData && <DataTab work={work} shown={current === 'data'} />}
        {shownTabs.map((port) => (
          <Preview key={port} work={work} port={port} shown={current === `port-${String(port)}`} />
        ))}
      </div>
    </>
  );
}
