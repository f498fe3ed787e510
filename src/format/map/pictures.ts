/** The formats of a map besides those of every report. A new format is a file of this folder and an entry here. */
import type {ConnectionMap} from '../../aggregate/map/map.js';

const PICTURES = {
  dot: async (map: ConnectionMap) => (await import('./dot.js')).formatDot(map),
  mermaid: async (map: ConnectionMap) => (await import('./mermaid.js')).formatMermaid(map),
  svg: async (map: ConnectionMap) => (await import('./svg.js')).formatSvg(map),
  async html(map: ConnectionMap, lost: number) {
    const [{formatDocument}, {describePage}] = await Promise.all([
      import('./page/document.js'),
      import('./page/describe.js'),
    ]);
    return formatDocument(describePage(map, lost)).html;
  },
} as const;

export type PictureName = keyof typeof PICTURES;

export const PICTURE_NAMES = Object.keys(PICTURES) as readonly PictureName[];

/** @param lost number of lost events */
export function drawMap(map: ConnectionMap, format: PictureName, lost: number): Promise<string> {
  return PICTURES[format](map, lost);
}
