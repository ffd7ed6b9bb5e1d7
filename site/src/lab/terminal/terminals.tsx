/** The lower half of the workspace: named terminals in tabs. A tab's socket opens when the tab is first seen. */
import { computed, signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { TabList } from '../layout/tabs.tsx';
import { remembered, rememberThat } from '../layout/keys.ts';
import { ask } from '../layout/dialog.ts';
import { sentence } from '../server.ts';
import { newTerminal, terminalTitle } from '../steps/busy.ts';
import { notify } from '../work.ts';
import type { Work } from '../work.ts';
import { TerminalPane } from './terminal-pane.tsx';
import { say } from '../words/terminal.ts';

/** Names in the order of their opening, numbered ones and those that *Run* opened alike. */
function createTabs(work: Work) {
  const opened = signal<readonly string[]>(['1']);
  const seen = signal<ReadonlySet<string>>(new Set(['1']));
  const names = computed(() => [
    ...new Set([...opened.value, ...work.terminals.value.map(({ name }) => name), work.terminal.value]),
  ]);
  const show = (name: string): void => {
    if (!opened.value.includes(name)) opened.value = [...opened.value, name];
    work.terminal.value = name;
  };
  return { opened, seen, names, show };
}

export function Terminals({ work }: { work: Work }) {
  const tabs = useMemo(() => createTabs(work), [work]);
  const finding = useMemo(() => signal(false), []);
  const screenReader = useMemo(() => signal(remembered('screen-reader') === 'on'), []);
  const names = tabs.names.value;
  const current = work.terminal.value;
  if (!tabs.seen.value.has(current)) tabs.seen.value = new Set([...tabs.seen.value, current]);

  const close = async (name: string): Promise<void> => {
    const busy = work.terminals.value.find((t) => t.name === name)?.prompt.state === 'busy';
    if (
      busy &&
      !(await ask({
        title: say('Close {0}?', terminalTitle(name)),
        text: say('A program runs in it and will be ended.'),
        yes: say('Close it'),
        no: say('Keep it'),
      }))
    )
      return;
    try {
      await work.server.remove(`/api/labs/${work.lab.value?.id ?? ''}/terminals/${name}`);
    } catch (error) {
      notify(work, { key: 'terminal', text: sentence(error), bad: true });
      return;
    }
    tabs.opened.value = tabs.opened.value.filter((other) => other !== name);
    tabs.seen.value = new Set([...tabs.seen.value].filter((other) => other !== name));
    work.terminals.value = work.terminals.value.filter((other) => other.name !== name);
    if (current === name) work.terminal.value = names.find((other) => other !== name) ?? '1';
  };

  return (
    <section class="lab-terminals" aria-label={say('Terminals')}>
      <div class="lab-terminal-tabs">
        <TabList
          label={say('Terminals')}
          prefix="lab-terminal"
          current={current}
          tabs={names.map((name) => ({
            id: name,
            title: terminalTitle(name),
            mark: isBusy(work, name) ? 'busy' : null,
            ...(names.length > 1 ? { close: () => void close(name) } : {}),
          }))}
          onSelect={tabs.show}
        />
        <button
          type="button"
          aria-label={say('New terminal')}
          title={say('New terminal')}
          onClick={() => tabs.show(newTerminal(names))}
        >
          +
        </button>
        <span class="lab-grow" />
        <button
          type="button"
          aria-pressed={screenReader.value}
          title={say('Output is also written where a screen reader reads it')}
          onClick={() => {
            screenReader.value = !screenReader.value;
            rememberThat('screen-reader', screenReader.value ? 'on' : 'off');
          }}
        >
          {say('screen reader')}
        </button>
        <button type="button" aria-pressed={finding.value} onClick={() => (finding.value = !finding.value)}>
          {say('find')}
        </button>
      </div>
      {names
        .filter((name) => tabs.seen.value.has(name))
        .map((name) => (
          <TerminalPane
            key={name}
            work={work}
            name={name}
            shown={name === current}
            finding={finding.value}
            screenReader={screenReader.value}
            onFound={() => (finding.value = false)}
          />
        ))}
    </section>
  );
}

function isBusy(work: Work, name: string): boolean {
  return work.terminals.value.find((terminal) => terminal.name === name)?.prompt.state === 'busy';
}
