/** Flags that select kinds of events. */
import {usageError} from '../../model/errors.js';
import {EVENT_KINDS, type EventKind} from '../../model/event.js';
import {listFlag, type Values} from './parse/define.js';
import {suggest} from './parse/suggest.js';
import {invalidValue} from './parse/values.js';

function parseEventKind(text: string): EventKind {
  const kind = EVENT_KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw invalidValue(text, suggest(text, EVENT_KINDS, `use ${EVENT_KINDS.join(', ')}`));
}

const spec = {
  group: 'filter',
  value: 'KIND',
  parse: parseEventKind,
  completion: {kind: 'list', words: EVENT_KINDS},
} as const;

/** @param otherwise the kinds without the flag, for the help */
export function eventFlags(otherwise: string) {
  const help = `${EVENT_KINDS.join(', ')}; ${otherwise} by default; lost is always shown`;
  return {
    event: listFlag({...spec, char: 'e', help}),
    'not-event': listFlag({...spec, help, hidden: true, isNegation: true}),
  };
}

export type EventFlags = Values<ReturnType<typeof eventFlags>>;

/** @param otherwise kinds if --event is not given @throws TcptraceError (usage) if no kind is left */
export function readEvents(flags: EventFlags, otherwise: readonly EventKind[]): readonly EventKind[] {
  const excluded = flags['not-event'];
  const events = (flags.event.length === 0 ? otherwise : flags.event).filter(
    (kind) => !excluded.includes(kind),
  );
  if (events.length === 0) throw usageError('--not-event excludes every kind that --event includes');
  return events;
}
