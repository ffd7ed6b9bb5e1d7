/** A divider that pointer and arrow keys move; its place is remembered in this browser. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { remembered, rememberThat } from './keys.ts';
import { afterKey, bounded, readShare } from './share.ts';
import type { Bounds } from './share.ts';

interface Props {
  readonly label: string;
  /** `vertical`: parts lie side by side */
  readonly way: 'vertical' | 'horizontal';
  readonly name: string;
  readonly otherwise: number;
  readonly bounds: Bounds;
  /** custom property of the parent that holds the share in percent */
  readonly property: string;
  readonly parent: HTMLElement;
}

export function Divider({ label, way, name, otherwise, bounds, property, parent }: Props) {
  const [share, setShare] = useState(() => readShare(remembered(name), otherwise, bounds));
  const grip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    parent.style.setProperty(property, `${String(share)}%`);
    rememberThat(name, String(share));
  }, [share]);

  const drag = (event: PointerEvent): void => {
    if (!grip.current?.hasPointerCapture(event.pointerId)) return;
    const box = parent.getBoundingClientRect();
    const part =
      way === 'vertical' ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
    setShare(bounded(Math.round(part * 1000) / 10, bounds));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = afterKey(event.key, share, bounds);
    if (to === null) return;
    event.preventDefault();
    setShare(to);
  };
  return (
    <div
      ref={grip}
      class={`lab-grip ${way}`}
      role="separator"
      tabIndex={0}
      aria-orientation={way}
      aria-label={label}
      aria-valuenow={Math.round(share)}
      aria-valuemin={bounds.least}
      aria-valuemax={bounds.most}
      onPointerDown={(event) => (
        event.currentTarget.setPointerCapture(event.pointerId),
        event.preventDefault()
      )}
      onPointerMove={drag}
      onDblClick={() => setShare(otherwise)}
      onKeyDown={onKeyDown}
    />
  );
}
