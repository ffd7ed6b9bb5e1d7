/** *Find* in a terminal's output: Enter forward, Shift+Enter back, Esc closes. */
import { useRef, useState } from 'preact/hooks';
import type { XtermScreen } from './screen.ts';
import { say } from '../words/terminal.ts';

export function FindBar({ screen, onClose }: { screen: XtermScreen; onClose: () => void }) {
  const [found, setFound] = useState(true);
  const input = useRef<HTMLInputElement>(null);
  const find = (forward: boolean): void => {
    const words = input.current?.value ?? '';
    setFound(words === '' || screen.find(words, forward));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') find(!event.shiftKey);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
  };
  const close = (): void => {
    screen.clearFind();
    onClose();
    screen.focus();
  };
  return (
    <div class="lab-find" role="search">
      <input
        ref={(el) => ((input.current = el), el?.focus())}
        type="text"
        aria-label={say('Find in this terminal')}
        placeholder={say('Find')}
        onKeyDown={onKeyDown}
        onInput={() => find(true)}
      />
      <span role="status">{found ? '' : say('not found')}</span>
      <button type="button" aria-label={say('Previous')} onClick={() => find(false)}>
        ↑
      </button>
      <button type="button" aria-label={say('Next')} onClick={() => find(true)}>
        ↓
      </button>
      <button type="button" aria-label={say('Close find')} onClick={close}>
        ×
      </button>
    </div>
  );
}
