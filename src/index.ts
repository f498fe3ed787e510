/** Public API of the library; the command line uses the same functions. */
export type {NameLookups} from './enrich/namer.js';
export type {Follow, KernelLimits, TracerStats} from './kernel/binding.js';
export {ExitCode, TcptraceError} from './model/errors.js';
export {
  type AcceptEvent,
  type CloseEvent,
  type ConnectEvent,
  type ConnectionEvent,
  type Direction,
  type EndedBy,
  EVENT_KINDS,
  type EventKind,
  type FailEvent,
  type LostEvent,
  type Names,
  type OpenEvent,
  type Opener,
  type Probe,
  type Source,
  type TraceEvent,
} from './model/event.js';
export type {MatchSubject, Party, Predicate} from './filter/match-subject.js';
export type {Filter, SocketFilter} from './filter/filter.js';
export type {Owners} from './filter/owners.js';
export type {EndpointPredicate, EndpointTest, Network, PortRange} from './filter/endpoints.js';
export type {OpenSocket, SocketNumbers, TimerName} from './model/socket.js';
export type {SourceChoice} from './sources/choose.js';
export type {BrokenLine} from './sources/recording/recording.js';
export {
  readRecording,
  type ReadRecordingOptions,
  type RecordingInput,
} from './sources/recording/read-recording.js';
export type {ScanStats} from './sources/proc.js';
export {list, type Listing, type ListOptions} from './sources/sockets.js';
export {type EbpfTrace, type ProcTrace, trace, type Trace} from './trace.js';
export type {TraceOptions} from './trace-options.js';
