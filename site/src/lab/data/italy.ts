/**
 * A country in dots: coastlines as a handful of points, and every point of a grid that lies inside. It is a picture
 * and no map: good enough to see which way is south.
 */
export interface Point {
  readonly x: number;
  readonly y: number;
}
type Degrees = readonly [longitude: number, latitude: number];

/** The picture's extent in its own units; x grows to the east, y to the south. */
export const EXTENT = { width: 228, height: 268 } as const;
const WEST = 6.4;
const NORTH = 47.3;
const SCALE = 25;
/** a degree of longitude is so much shorter than one of latitude here */
const NARROW = Math.cos((42 * Math.PI) / 180);

export function project([longitude, latitude]: Degrees): Point {
  return { x: (longitude - WEST) * NARROW * SCALE, y: (NORTH - latitude) * SCALE };
}
export function isInside(point: Point): boolean {
  return point.x >= 0 && point.y >= 0 && point.x <= EXTENT.width && point.y <= EXTENT.height;
}

// prettier-ignore
const MAINLAND: readonly Degrees[] = [
  [7.53, 43.78], [8.2, 44], [8.48, 44.31], [8.93, 44.4], [9.83, 44.05], [10.25, 43.87], [10.3, 43.55], [10.53, 42.93],
  [11.1, 42.37], [11.8, 42.09], [12.23, 41.75], [13.05, 41.22], [13.57, 41.2], [14.25, 40.83], [14.77, 40.65],
  [15.28, 40.02], [15.7, 39.98], [16.03, 39.36], [16.2, 38.85], [15.9, 38.68], [15.63, 38.1], [16.06, 37.93],
  [16.6, 38.83], [17.12, 39.08], [16.95, 39.5], [16.5, 39.7], [16.75, 40.2], [17.2, 40.45], [17.98, 40.05],
  [18.37, 39.8], [18.5, 40.15], [17.97, 40.65], [16.87, 41.13], [15.92, 41.55], [16.18, 41.85], [15, 42],
  [14.22, 42.47], [13.9, 42.95], [13.52, 43.62], [12.58, 44.07], [12.28, 44.42], [12.5, 44.95], [12.35, 45.43],
  [13.4, 45.68], [13.77, 45.6], [13.6, 46.5], [12.7, 46.65], [12.15, 47.05], [11.5, 47], [10.5, 46.85], [10.1, 46.6],
  [9.3, 46.45], [9, 45.83], [8.45, 46.45], [7.65, 45.97], [6.85, 45.83], [6.65, 45.1], [7, 44.65], [6.9, 44.35],
];
// prettier-ignore
const SICILY: readonly Degrees[] = [
  [15.6, 38.27], [14, 38.03], [13.35, 38.18], [12.5, 38.05], [12.43, 37.75], [13.08, 37.5], [14.2, 37.07],
  [14.85, 36.7], [15.15, 36.68], [15.1, 37.5], [15.3, 37.85],
];
// prettier-ignore
const SARDINIA: readonly Degrees[] = [
  [9.2, 41.27], [9.6, 40.95], [9.75, 40.5], [9.7, 39.93], [9.55, 39.13], [9.1, 39.2], [8.65, 38.87], [8.4, 39],
  [8.4, 39.5], [8.5, 39.9], [8.4, 40.3], [8.2, 40.6], [8.2, 40.95], [8.7, 40.92],
];
const LANDS = [MAINLAND, SICILY, SARDINIA].map((land) => land.map(project));

/** between two dots */
const GRID = 7;

/** Even rows are shifted by half: dots then lie in hexagons and draw no lines. */
export function dots(): readonly Point[] {
  const found: Point[] = [];
  for (let row = 0, y = GRID / 2; y < EXTENT.height; y += GRID * 0.866, row++)
    for (let x = row % 2 === 0 ? GRID / 2 : GRID; x < EXTENT.width; x += GRID)
      if (LANDS.some((land) => contains(land, { x, y }))) found.push({ x, y });
  return found;
}
/** A ray to the east crosses the border an odd number of times. */
function contains(land: readonly Point[], { x, y }: Point): boolean {
  return land.reduce((inside, a, at) => {
    const b = land[(at + 1) % land.length] ?? a;
    const crosses = a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x);
    return crosses ? !inside : inside;
  }, false);
}
