/** A port of the sandbox in a frame of its own origin: a fresh ticket at each opening. */
import { useEffect, useState } from 'preact/hooks';
import { sentence } from '../server.ts';
import type { Work } from '../work.ts';
import { portTitle } from './ports.ts';
import { say } from '../words/terminal.ts';

/** The contract's `Preview`. */
interface Address {
  readonly url: string;
}
type Frame =
  | { readonly at: 'asking' }
  | { readonly at: 'shown'; readonly url: string }
  | { readonly at: 'refused'; readonly why: string };

/** Its origin is the sandbox's own, so that same-origin means the program's and never the portal's. */
const MAY = 'allow-scripts allow-forms allow-same-origin allow-popups allow-downloads allow-modals';

export function Preview({ work, port, shown }: { work: Work; port: number; shown: boolean }) {
  const [frame, setFrame] = useState<Frame>({ at: 'asking' });
  const [drawn, setDrawn] = useState(false);
  const listening = work.ports.value.some((open) => open.port === port);
  const lab = work.lab.value?.id ?? '';
  // JupyterLab lets in who comes with its token
  const path = work.jupyter.value?.port === port ? work.jupyter.value.path : undefined;
  const ask = (): Promise<Address> =>
    work.server.post<Address>(`/api/labs/${lab}/previews`, path === undefined ? { port } : { port, path });
  const open = (): void => {
    setFrame({ at: 'asking' });
    setDrawn(false);
    ask().then(
      ({ url }) => setFrame({ at: 'shown', url }),
      (error: unknown) => setFrame({ at: 'refused', why: sentence(error) }),
    );
  };
  // once when it is first seen, and again when the program comes back; not each time its tab is chosen
  const [seen, setSeen] = useState(shown);
  useEffect(() => {
    if (shown) setSeen(true);
  }, [shown]);
  useEffect(() => {
    if (seen && listening) open();
  }, [seen && listening, lab, path]);

  const openOutside = async (): Promise<void> => {
    // before the await: a window opened later counts as a pop-up
    const outside = window.open('about:blank', '_blank');
    try {
      const { url } = await ask();
      if (outside !== null) {
        outside.opener = null;
        outside.location.href = url;
      }
    } catch (error) {
      outside?.close();
      setFrame({ at: 'refused', why: sentence(error) });
    }
  };
  return (
    <div
      class="lab-preview"
      role="tabpanel"
      id={`lab-upper-port-${String(port)}`}
      aria-labelledby={`lab-upper-tab-port-${String(port)}`}
      hidden={!shown}
    >
      <div class="lab-preview-bar">
        <span>{portTitle(port)}</span>
        <span class="lab-grow" />
        <button type="button" onClick={open}>
          {say('Reload')}
        </button>
        <button type="button" onClick={() => void openOutside()}>
          {say('Open in a tab')}
        </button>
      </div>
      {!listening && (
        <p class="lab-scene">
          {say(
            'Nothing listens on port {0} now. Start the program again; this page comes back by itself.',
            port,
          )}
        </p>
      )}
      {frame.at === 'refused' && <p class="lab-scene lab-word bad">{frame.why}</p>}
      {listening && frame.at !== 'refused' && !drawn && (
        <p class="lab-preview-wait">{say('Opening {0}…', portTitle(port))}</p>
      )}
      {frame.at === 'shown' && listening && (
        <iframe
          title={portTitle(port)}
          src={frame.url}
          onLoad={() => setDrawn(true)}
          sandbox={MAY}
          allow="clipboard-write"
        />
      )}
    </div>
  );
}
