const NSEC_PER_SEC = 1_000_000_000;
const DIGITS = Array.from({length: 1000}, (_, i) => String(i).padStart(3, '0'));
const LAST_DIGITS = DIGITS.map((digits) => `${digits}Z`);

/** Formats seconds and nanoseconds since 1970 as RFC 3339, UTC, with nanoseconds. */
export type TimeFormatter = (seconds: number, nanoseconds: number) => string;

/** Creates a formatter that caches the text of the current second. */
export function createTimeFormatter(): TimeFormatter {
  let known = -1;
  let prefix = '';
  return (seconds, nanoseconds) => {
    let nsec = nanoseconds;
    let sec = seconds;
    if (nsec >= NSEC_PER_SEC) {
      sec += Math.trunc(nsec / NSEC_PER_SEC);
      nsec %= NSEC_PER_SEC;
    }
    if (sec !== known) {
      known = sec;
      prefix = new Date(sec * 1000).toISOString().slice(0, 20);
    }
    const usec = Math.trunc(nsec / 1000);
    const msec = Math.trunc(usec / 1000);
    return (
      prefix +
      ((DIGITS[msec] as string) +
        (DIGITS[usec - msec * 1000] as string) +
        (LAST_DIGITS[nsec - usec * 1000] as string))
    );
  };
}

/** Formats the current time, for events without a record; resolution of milliseconds. */
export function formatNow(): string {
  return new Date().toISOString().replace('Z', '000000Z');
}
