/** The time between snapshots, which keys may change. */
export interface Pace {
  readonly intervalMs: () => number;
  readonly change: (intervalMs: number) => void;
  /** Sets the one listener. */
  readonly onChange: (listener: (intervalMs: number) => void) => void;
}

export function createPace(initialMs: number): Pace {
  let intervalMs = initialMs;
  let notify: (intervalMs: number) => void = () => undefined;
  return {
    intervalMs: () => intervalMs,
    change(ms) {
      intervalMs = ms;
      notify(ms);
    },
    onChange(listener) {
      notify = listener;
    },
  };
}
