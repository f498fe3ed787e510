/** The formats of a map besides those of every report. A new format is a file of this folder and an entry here. */
import type {ConnectionMap} from '../../aggregate/map/map.js';

const PICTURES = {
  dot: async (map: ConnectionMap) => (await import('./dot.js')).formatDot(map),
  mermaid: async (map: ConnectionMap) => (await import('./mermaid.js')).formatMermaid(map),
} as const;

export type PictureName = keyof typeof PICTURES;

export const PICTURE_NAMES = Object.keys(PICTURES) as readonly PictureName[];

export function drawMap(map: ConnectionMap, format: PictureName): Promise<string> {
  return PICTURES[format](map);
}
