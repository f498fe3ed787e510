import type {TraceEvent} from '../model/event.js';

/** Formats events as text. */
export interface Formatter {
  /** Returns the lines of one event, after a header if one is due. */
  readonly format: (event: TraceEvent) => string;
  /** Returns the header, for a file that continues another one. */
  readonly head?: () => string;
  /** Returns the end of the output, after the last event. */
  readonly foot?: () => string;
}
