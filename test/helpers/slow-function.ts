/** Slows a function of the kernel, so that a race in it shows. */
import {existsSync, writeFileSync} from 'node:fs';

const TRACEFS = '/sys/kernel/tracing';
const GROUP = 'tcptrace_test';
/** Trace events on the function; each call writes all of them, about a microsecond each. */
const EVENTS = 60;

export class SlowFunction implements Disposable {
  /** False if the kernel has no kprobes. */
  readonly isSlow: boolean;

  constructor(name: string) {
    this.isSlow = existsSync(`${TRACEFS}/kprobe_events`);
    if (!this.isSlow) return;
    this.#define((event) => `p:${GROUP}/${event} ${name}`);
    writeFileSync(`${TRACEFS}/events/${GROUP}/enable`, '1');
  }

  [Symbol.dispose](): void {
    if (!this.isSlow) return;
    writeFileSync(`${TRACEFS}/events/${GROUP}/enable`, '0');
    this.#define((event) => `-:${GROUP}/${event}`);
  }

  #define(line: (event: string) => string): void {
    for (let i = 0; i < EVENTS; i++)
      writeFileSync(`${TRACEFS}/kprobe_events`, `${line(`slow${String(i)}`)}\n`, {flag: 'a'});
  }
}
