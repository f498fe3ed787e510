/** Arguments and flags of `tcptrace map`: combines groups of flags and rejects invalid combinations. */
import {hostname} from 'node:os';
import {MAP_GROUPINGS, type MapGrouping} from '../../aggregate/map/node.js';
import type {NameLookups} from '../../enrich/namer.js';
import {REPORT_FORMAT_NAMES} from '../../format/formats.js';
import {PICTURE_NAMES, type PictureName} from '../../format/map/pictures.js';
import {MAP_COLUMN_NAMES} from '../../format/map/report.js';
import {usageError} from '../../model/errors.js';
import {parseDuration} from '../../model/units/duration.js';
import type {ListenAddress} from '../../output/listen.js';
import {choiceFlag, switchFlag, valueFlag, type Values, withDefault} from '../flags/parse/define.js';
import {stopAfterFlag} from '../flags/end.js';
import {filterFlags} from '../flags/filter.js';
import {formatFlags, readFormatOptions} from '../flags/format.js';
import {lookupFlags, readLookups} from '../flags/lookups.js';
import {quietFlag} from '../flags/output.js';
import {parseListenAddress} from '../flags/parse/listen-address.js';
import {intervalFlag, type ProbeOptions, probeFlags, readProbeOptions} from '../flags/probe.js';
import {readFileNames} from '../flags/recordings.js';
import type {PrintOptions} from '../io/printer.js';
import type {RecordingOptions} from '../io/recordings.js';
import {type MapFilter, readMapFilter} from './filter.js';
import {type Aggregation, parseAggregation} from './networks.js';

export const mapFlags = {
  ...filterFlags,
  ...lookupFlags('an event waits up to 200 ms for them'),
  duration: stopAfterFlag,
  by: withDefault(
    choiceFlag(MAP_GROUPINGS, {
      group: 'output',
      value: 'GROUP',
      help: 'what a node stands for; process by default',
    }),
    'process',
  ),
  aggregate: valueFlag({
    group: 'output',
    value: 'BITS',
    help: 'networks instead of addresses of peers outside: 24, or 24,64 for IPv4 and IPv6',
    parse: parseAggregation,
  }),
  listening: switchFlag({group: 'output', help: 'also listeners that no process connects to; live only'}),
  ...formatFlags({formats: REPORT_FORMAT_NAMES, columns: MAP_COLUMN_NAMES}),
  format: choiceFlag([...REPORT_FORMAT_NAMES, ...PICTURE_NAMES], {
    char: 'o',
    group: 'output',
    value: 'FORMAT',
    help: 'table by default; json has nodes and edges; dot is for Graphviz, mermaid for Markdown, svg a picture, html a page',
  }),
  serve: valueFlag({
    group: 'output',
    value: '[ADDRESS:PORT]',
    help: 'serve the page of the map, which is live, and print its URL; on 127.0.0.1 and a free port by default',
    parse: parseListenAddress,
    implied: {value: '127.0.0.1:0', unless: /^(?:[^/]*:)?\d+$/},
  }),
  quiet: quietFlag('notices'),
  window: valueFlag({
    group: 'source',
    value: 'TIME',
    help: 'how long a closed socket waits for the events of its peer; 15m by default with recordings, else 1m',
    parse: parseDuration,
  }),
  strict: switchFlag({group: 'source', help: 'fail at a line of a recording that is not an event'}),
  ...probeFlags,
  interval: intervalFlag('source', 'time between scans of /proc'),
};

export type MapFlags = Values<typeof mapFlags>;

/** The origin of the events. */
export type MapSource =
  | ({readonly kind: 'recordings'} & RecordingOptions)
  | ({
      readonly kind: 'live';
      readonly hostName: string;
      readonly names?: NameLookups;
      readonly durationMs: number | undefined;
      /** Add the listeners of this host. */
      readonly listening: boolean;
    } & ProbeOptions);

export interface MapSessionOptions extends PrintOptions, MapFilter {
  readonly source: MapSource;
  readonly grouping: MapGrouping;
  readonly aggregation: Aggregation | undefined;
  /** Undefined prints the report. */
  readonly picture: PictureName | undefined;
  /** Serve the page here, and print nothing but its URL. */
  readonly serve: ListenAddress | undefined;
  readonly windowMs: number;
  readonly quiet: boolean;
}

const LIVE_FLAGS = [
  ...([
    'duration',
    'serve',
    'listening',
    'resolve',
    'users',
    'containers',
    'container-names',
    'args',
  ] as const),
  ...(['probe', 'proc', 'buffer-size', 'max-connections', 'btf', 'interval'] as const),
];

const RECORDING_WINDOW_MS = 15 * 60_000;
const LIVE_WINDOW_MS = 60_000;

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false;
}

function readRecordings(names: readonly string[], flags: MapFlags): MapSource {
  const useless = LIVE_FLAGS.find((name) => isGiven(flags[name]));
  if (useless !== undefined)
    throw usageError(`--${useless} applies to tracing`, 'leave it out with recordings');
  return {kind: 'recordings', files: readFileNames(names, 'map'), strict: flags.strict};
}

const NEEDS_CONTAINERS: readonly MapGrouping[] = ['unit', 'container', 'pod'];

/** Returns true if the output is the page, which groups processes by container and pod. */
export function isPage({serve, picture}: Pick<MapSessionOptions, 'serve' | 'picture'>): boolean {
  return serve !== undefined || picture === 'html';
}

function readLive(flags: MapFlags): MapSource {
  if (flags.strict) throw usageError('--strict applies to recordings', 'leave it out');
  const isOnPage = isPage({serve: flags.serve, picture: readPicture(flags)});
  const needsContainers = NEEDS_CONTAINERS.includes(flags.by) || (isOnPage && flags.by === 'process');
  const {names} = readLookups(needsContainers ? {...flags, containers: true} : flags);
  return {
    kind: 'live',
    ...readProbeOptions(flags, flags.interval),
    hostName: hostname(),
    ...(names && {names}),
    durationMs: flags.duration,
    listening: flags.listening,
  };
}

function readPicture({format}: MapFlags): PictureName | undefined {
  return PICTURE_NAMES.find((name) => name === format);
}

function refuseOutput(flags: MapFlags): void {
  const useless = (['format', 'json', 'ndjson', 'wide', 'output'] as const).find((name) =>
    isGiven(flags[name]),
  );
  if (useless !== undefined)
    throw usageError(`--${useless} and --serve cannot be combined`, 'the page has its own format');
}

/** @throws TcptraceError (usage) if flags cannot be combined */
function readOutput(flags: MapFlags): PrintOptions & Pick<MapSessionOptions, 'picture'> {
  const picture = readPicture(flags);
  if (flags.serve !== undefined) refuseOutput(flags);
  const useless = flags.columns.length > 0 ? 'columns' : flags['no-header'] ? 'no-header' : undefined;
  if (picture !== undefined && useless !== undefined)
    throw usageError(`--${useless} applies to tables`, `leave it out with ${picture}`);
  const format = REPORT_FORMAT_NAMES.find((name) => name === flags.format);
  if (picture === undefined) return {...readFormatOptions({...flags, format}), picture};
  // a picture has no flags, as JSON; two of them are no picture
  return {...readFormatOptions({...flags, format: 'json'}), picture, truncate: flags.output !== undefined};
}

/** @param names recordings; without any, the map is live @throws TcptraceError (usage) if flags cannot be combined */
export function readMapOptions(names: readonly string[], flags: MapFlags): MapSessionOptions {
  const isLive = names.length === 0;
  return {
    source: isLive ? readLive(flags) : readRecordings(names, flags),
    ...readMapFilter(pickFilters(flags), isLive),
    ...readOutput(flags),
    grouping: flags.by,
    aggregation: flags.aggregate,
    serve: flags.serve,
    windowMs: flags.window ?? (isLive ? LIVE_WINDOW_MS : RECORDING_WINDOW_MS),
    quiet: flags.quiet,
  };
}

function pickFilters(flags: MapFlags): Values<typeof filterFlags> {
  const names = Object.keys(filterFlags) as (keyof typeof filterFlags)[];
  return Object.fromEntries(names.map((name) => [name, flags[name]])) as Values<typeof filterFlags>;
}
