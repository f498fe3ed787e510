/** The slider over time: a period of the map, or at its right end the whole time. */
import {find} from './dom.js';
import {periodAt} from './shown.js';
import type {Store} from './store.js';
import {formatPeriod} from './text.js';

export interface Slider {
  /** Adjusts the range to the timeline. @returns the selected period; undefined is the whole time */
  readonly update: () => number | undefined;
}

export function createSlider(store: Store, onMove: () => void): Slider {
  const input = find('#time', HTMLInputElement);
  const output = find('#period', HTMLOutputElement);
  const footer = find('footer', HTMLElement);
  /** The selected period; the range moves below it. */
  let selected: number | undefined;
  let periodUs: number | undefined;

  input.addEventListener('input', () => {
    selected = periodAt(store.head().timeline, input.valueAsNumber);
    onMove();
  });

  return {
    update() {
      const {timeline} = store.head();
      footer.hidden = timeline === undefined;
      if (timeline === undefined) return undefined;
      const {first, last} = timeline;
      if (selected !== undefined && periodUs !== undefined)
        selected = Math.floor((selected * periodUs) / timeline.periodUs);
      ({periodUs} = timeline);
      const end = last - first + 1;
      input.max = String(end);
      input.value = String(selected === undefined ? end : selected - first);
      const text = selected === undefined ? 'whole time' : formatPeriod(selected, periodUs);
      output.textContent = text;
      input.setAttribute('aria-valuetext', text);
      return selected;
    },
  };
}
