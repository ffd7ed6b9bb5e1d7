/** Where copies lie, as a picture: a country in dots, a circle for each element with its quota around it. */
import { useMemo } from 'preact/hooks';
import type { LakeData, LakeDid } from '../../../../sandbox-server/contract/lake.ts';
import { EXTENT, dots } from './italy.ts';
import { RADIUS, pictureOf } from './picture.ts';
import type { Node } from './picture.ts';

const RING = RADIUS + 4;
const AROUND = 2 * Math.PI * RING;

export function LakeMap({ data, did }: { data: LakeData; did: LakeDid | null }) {
  const picture = useMemo(() => pictureOf(data, did), [data, did]);
  const country = useMemo(
    () =>
      dots()
        .map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`)
        .join(''),
    [],
  );
  return (
    <svg
      class="lake-map"
      viewBox={`-8 -4 ${String(EXTENT.width + 16)} ${String(EXTENT.height + 4)}`}
      role="img"
      aria-label={picture.words}
    >
      <defs>
        <marker
          id="lake-arrow"
          viewBox="0 0 8 8"
          refX="5"
          refY="4"
          markerWidth="5"
          markerHeight="5"
          orient="auto"
        >
          <path d="M0 0.5L6 4L0 7.5" />
        </marker>
      </defs>
      {picture.onMap && <path class="lake-country" d={country} />}
      {picture.arcs.map(({ key, path, failed }) => (
        <path
          key={key}
          class={failed ? 'lake-arc failed' : 'lake-arc'}
          d={path}
          marker-end="url(#lake-arrow)"
        />
      ))}
      {picture.nodes.map((node) => (
        <Circle key={node.element} node={node} />
      ))}
    </svg>
  );
}

function Circle({ node: { x, y, tone, text, site, tape, quota, label } }: { node: Node }) {
  return (
    <g class={`lake-node ${tone}`} transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
      <circle class="lake-ground" r={RING + 3} />
      {quota !== null && (
        <>
          <circle class="lake-ring" r={RING} />
          <circle
            visibility={quota > 0.005 ? 'visible' : 'hidden'}
            class={quota > 0.9 ? 'lake-ring used full' : 'lake-ring used'}
            r={RING}
            stroke-dasharray={`${(quota * AROUND).toFixed(1)} ${AROUND.toFixed(1)}`}
            transform="rotate(-90)"
          />
        </>
      )}
      <circle class={tape ? 'lake-disc tape' : 'lake-disc'} r={RADIUS - 1.5} />
      <text class="lake-in" dy="0.36em">
        {text}
      </text>
      <text class="lake-site" y={label === 'below' ? RING + 15 : -RING - 7}>
        {site}
      </text>
    </g>
  );
}
