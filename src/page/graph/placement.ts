/** A grid of places for nodes, which finds free ones. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Size of a place: a node with its label. */
export const PLACE = {x: 120, y: 70};

/** Size of a block of places. */
export interface Block {
  readonly columns: number;
  readonly rows: number;
}

export interface Places {
  /** Takes the free block nearest to a point. @returns the middle of its first place */
  readonly take: (near: Point, block?: Block) => Point;
}

const ONE: Block = {columns: 1, rows: 1};

/** Returns the offsets with this distance, in columns or rows; the nearest first. */
function createRing(distance: number): readonly Point[] {
  if (distance === 0) return [{x: 0, y: 0}];
  const span = Array.from({length: 2 * distance + 1}, (_, index) => index - distance);
  return span
    .flatMap((x) => span.map((y) => ({x, y})))
    .filter(({x, y}) => Math.max(Math.abs(x), Math.abs(y)) === distance)
    .sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y));
}

/** Returns the places of a block as keys. @param x column and @param y row of its first place */
function keysOf({x, y}: Point, {columns, rows}: Block): readonly string[] {
  return Array.from(
    {length: columns * rows},
    (_, index) => `${String(x + (index % columns))} ${String(y + Math.floor(index / columns))}`,
  );
}

/** @param taken positions of all nodes */
export function createPlaces(taken: readonly Point[]): Places {
  const cellOf = ({x, y}: Point): Point => ({x: Math.round(x / PLACE.x), y: Math.round(y / PLACE.y)});
  const used = new Set(taken.flatMap((point) => keysOf(cellOf(point), ONE)));
  const rings: (readonly Point[])[] = [];

  function findFree(center: Point, block: Block): Point {
    for (let distance = 0; ; distance += 1) {
      const ring = (rings[distance] ??= createRing(distance));
      for (const offset of ring) {
        const cell = {x: center.x + offset.x, y: center.y + offset.y};
        if (keysOf(cell, block).every((key) => !used.has(key))) return cell;
      }
    }
  }

  return {
    take(near, block = ONE) {
      const {columns, rows} = block;
      const first = {x: near.x - ((columns - 1) / 2) * PLACE.x, y: near.y - ((rows - 1) / 2) * PLACE.y};
      const {x, y} = findFree(cellOf(first), block);
      for (const key of keysOf({x, y}, block)) used.add(key);
      return {x: x * PLACE.x, y: y * PLACE.y};
    },
  };
}
