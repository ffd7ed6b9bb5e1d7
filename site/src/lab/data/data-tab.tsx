/** The *Data* tab before it was ever chosen: its code and styles come with the first look. */
import { useEffect, useState } from 'preact/hooks';
import { loadStyles } from '../layout/shell.ts';
import { sentence } from '../server.ts';
import { notify } from '../work.ts';
import type { Work } from '../work.ts';
import dataStyles from './data.css?url';
import type { DataPanel } from './data-panel.tsx';

/** What a lesson names in `needs.services` to have this tab. */
export const DATA_LAKE = 'data-lake';

export function DataTab({ work, shown }: { work: Work; shown: boolean }) {
  const [panel, setPanel] = useState<{ readonly draw: typeof DataPanel } | null>(null);
  useEffect(() => {
    if (!shown || panel !== null) return;
    Promise.all([import('./data-panel.tsx'), loadStyles([dataStyles])]).then(
      ([{ DataPanel }]) => setPanel({ draw: DataPanel }),
      (error: unknown) => notify(work, { key: 'data', text: sentence(error), bad: true }),
    );
  }, [shown]);
  return (
    <div
      class="lake"
      role="tabpanel"
      id="lab-upper-data"
      aria-labelledby="lab-upper-tab-data"
      tabIndex={0}
      hidden={!shown}
    >
      {panel && <panel.draw work={work} />}
    </div>
  );
}
