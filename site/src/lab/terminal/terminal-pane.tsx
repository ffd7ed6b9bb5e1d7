/** One terminal: its screen, its session, and the banner that says when it is cut off. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../layout/dialog.ts';
import { terminalTitle } from '../steps/busy.ts';
import { speak } from '../work.ts';
import type { Work } from '../work.ts';
import { excerpt } from './clipboard.ts';
import { FindBar } from './find-bar.tsx';
import { banner } from './link.ts';
import { forgetTerminal, rememberTerminal } from './open-terminals.ts';
import type { OpenTerminal } from './open-terminals.ts';
import { createScreen } from './screen.ts';
import { createSession } from './session.ts';
import type { Session } from './session.ts';
import { say } from '../words/terminal.ts';

export interface PaneProps {
  readonly work: Work;
  readonly name: string;
  readonly shown: boolean;
  readonly finding: boolean;
  readonly screenReader: boolean;
  readonly onFound: () => void;
}

export function TerminalPane({ work, name, shown, finding, screenReader, onFound }: PaneProps) {
  const host = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<OpenTerminal | null>(null);
  const [, redraw] = useState(0);
  const [refused, setRefused] = useState<'viewer' | null>(null);
  const labId = work.lab.value?.id ?? '';

  useEffect(() => {
    if (host.current === null) return;
    const both = open(work, host.current, name, screenReader, () => redraw((n) => n + 1), setRefused);
    setOpened(both);
    rememberTerminal(work, name, both);
    return () => {
      forgetTerminal(work, name);
      both.session.close();
      both.screen[Symbol.dispose]();
    };
  }, [labId, name]);

  useEffect(() => opened?.screen.setScreenReader(screenReader), [opened, screenReader]);
  useEffect(() => {
    if (shown && opened?.session.maySetSize === true) opened.screen.fit();
  }, [opened, shown]);

  const { session, screen } = opened ?? {};
  return (
    <div
      class="lab-terminal"
      role="tabpanel"
      id={`lab-terminal-${name}`}
      aria-labelledby={`lab-terminal-tab-${name}`}
      hidden={!shown}
    >
      {session && (
        <Banner session={session} refused={refused} onTake={() => (setRefused(null), session.takeOver())} />
      )}
      {finding && shown && screen && <FindBar screen={screen} onClose={onFound} />}
      <div class="lab-xterm" ref={host} data-terminal={name} />
    </div>
  );
}

function Banner({
  session,
  refused,
  onTake,
}: {
  session: Session;
  refused: 'viewer' | null;
  onTake: () => void;
}) {
  const text = banner(session.link, session.everLive);
  if (text !== null) {
    return (
      <div class={`lab-banner ${session.link.at}`} role="status">
        <span>{text}</span>
        {session.link.at !== 'opening' && (
          <button type="button" onClick={() => session.dial()}>
            {say('Connect now')}
          </button>
        )}
      </div>
    );
  }
  if (session.link.at !== 'live' || session.link.writer) return null;
  return (
    <div class={`lab-banner viewer${refused === null ? '' : ' loud'}`} role="status">
      <span>
        {refused === null
          ? say('Another tab types here; you read along.')
          : say('That key was not sent: another tab types here.')}
      </span>
      <button type="button" onClick={onTake}>
        {say('Type here')}
      </button>
    </div>
  );
}

function open(
  work: Work,
  host: HTMLElement,
  name: string,
  screenReader: boolean,
  changed: () => void,
  refuse: (why: 'viewer' | null) => void,
): OpenTerminal {
  const title = terminalTitle(name);
  // the screen is fitted before the session says its size
  let session: Session | null = null;
  const type = (data: string): void => {
    if (session?.prompt.state === 'exited' && data === '\r') return session.dial();
    const typed = session?.type(data);
    if (typed === 'viewer') refuse('viewer');
    if (typed === 'cut') speak(work, say('Not sent: the terminal is cut off.'));
  };
  const screen = createScreen({
    host,
    name: title,
    screenReader,
    onData: type,
    onBinary: (data) => void session?.typeBytes(data),
    onResize: () => session?.resized(),
    isIdle: () => session?.prompt.state === 'idle',
    onClipboard: (text) => {
      if (session?.replaying === false && session.link.at === 'live' && session.link.writer)
        void offerClipboard(title, text);
    },
  });
  screen.fit();
  const opened = createSession({
    server: work.server,
    lab: work.lab.value?.id ?? '',
    name,
    screen,
    origin: location.origin.replace(/^http/, 'ws'),
    onChange: changed,
    onCaughtUp: () => screen.fit(),
  });
  session = opened;
  // a replay is drawn at the sizes it was made at, a viewer's screen has the writer's
  const observer = new ResizeObserver(() => {
    if (opened.maySetSize) screen.fit();
  });
  observer.observe(host);
  return {
    session: opened,
    screen: { ...screen, [Symbol.dispose]: () => (observer.disconnect(), screen[Symbol.dispose]()) },
  };
}

/** One question at a time; a program that asks again meanwhile is not heard. */
let asking = false;
async function offerClipboard(title: string, text: string): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    const agreed = await ask({
      title: say('Copy to your clipboard?'),
      text: say('A program in {0} wants to put this there: {1}', title, excerpt(text)),
      yes: say('Copy'),
      no: say('Do not copy'),
    });
    if (agreed) await navigator.clipboard.writeText(text);
  } finally {
    asking = false;
  }
}
