import {createRequire} from 'node:module';
import type {EndpointPredicate} from '../filter/endpoints.js';
import type {OwnerNumbers} from '../filter/owners.js';

/** The three ways of hooking the kernel, best first. */
export type Probe = 'fentry' | 'kprobe' | 'tracepoint';

/** What the addon needs to open, configure, load and attach one probe set; 64 numbers in each list at most. */
export interface TracerOptions extends OwnerNumbers {
  readonly probe: Probe;
  /** Ring buffer size in bytes; the addon rounds it up to a power of two pages. */
  readonly bufferSizeBytes: number;
  /** Bound of the map of live connections, in entries. */
  readonly maxConnections: number;
  /** Bit mask of event types, `1 << EventType.x`. */
  readonly events: number;
  /** Address families wanted: bit 0 is IPv4, bit 1 is IPv6. */
  readonly families: number;
  /** Names of threads wanted: the words of struct glob_automaton of bpf/owner_test.h; undefined is all. */
  readonly comms: BigUint64Array | undefined;
  readonly notComms: BigUint64Array | undefined;
  /** What must hold of the ends, 32 conditions with 64 tests in all at most; empty is nothing. */
  readonly ends: readonly EndpointPredicate[];
  /** Where it is given, only these processes, up to 65,536, and what descends from them from now on. */
  readonly follow?: Follow;
  /** BTF of the running kernel, where it is not /sys/kernel/btf/vmlinux. */
  readonly btfPath?: string;
  /** Descriptor that is watched: read() gives null once nobody can read any more what is written there. */
  readonly outputFd?: number;
  /** Kernel functions to treat as missing, so that what stands in for them can be tried anywhere. */
  readonly absentFunctions?: readonly string[];
}

export interface Follow {
  readonly pids: readonly number[];
  /** A process whose children are followed, but not itself. */
  readonly childrenOf?: number;
}

/** One hand-over from the reader thread. */
export interface Batch {
  /** Whole records (`struct event` of bpf/event.h), back to back. */
  readonly records: Buffer;
  /** Events the kernel could not hand over since the tracer started. */
  readonly lost: number;
  /** What to add to a record's time to get UTC. */
  readonly utcOffsetSec: number;
  /** Never negative, below 1e9. */
  readonly utcOffsetNsec: number;
}

/** Monotonic figures of one tracer. */
export interface TracerStats {
  /** Events that were not handed over: records without room in the ring buffer, and {@link unseen}. */
  readonly lost: number;
  /** Closes for which the kernel ran no program of ours. */
  readonly unseen: number;
  /** Connections that found no room in the map. */
  readonly mapFull: number;
  /** Probe runs the kernel skipped (bpf_prog_info.recursion_misses, Linux 5.12). */
  readonly missed: number;
}

/** A probe set that is attached. Created attached; see {@link LoadError} for how it fails. */
export interface NativeTracer {
  /** The next batch; null once stopped and drained. One call at a time. */
  read(): Promise<Batch | null>;
  /** Detaches; batches already in the ring stay readable. Idempotent. */
  stop(): void;
  /** Frees everything; a pending read resolves to null. Idempotent. */
  close(): void;
  stats(): TracerStats;
  /** Follows these processes, too. Throws where `follow` was not given, or there is no room for so many. */
  follow(pids: readonly number[]): void;
  /** Live connections in the map that these processes own. While it counts, events may be missed: for tests. */
  countConnections(pids: readonly number[]): number;
  /** Optional programs that could not be attached, `name: reason`. */
  readonly notes: readonly string[];
}

/** What the constructor of a tracer throws when the kernel says no. */
export interface LoadError extends Error {
  readonly code: 'ERR_TCPTRACE_LOAD';
  readonly step: 'open' | 'load' | 'attach' | 'read';
  /** The program that failed, or '' where none is to blame. */
  readonly program: string;
  /** Positive errno. */
  readonly errno: number;
  /** libbpf's and the verifier's last words, possibly many lines. */
  readonly log: string;
}

/** One thing a kernel and these privileges allow, or not; tried, not guessed. */
export interface Feature {
  readonly name: string;
  readonly ok: boolean;
  /** Why not, or what was found; possibly ''. */
  readonly detail: string;
}

export interface Addon {
  readonly Tracer: new (options: TracerOptions) => NativeTracer;
  readonly features: () => Feature[];
  /**
   * The TCP sockets that processes hold: a record (`struct event`, type OPEN) for each descriptor.
   *
   * @param btfPath as in TracerOptions
   * @throws LoadError
   */
  readonly sockets: (btfPath?: string) => Buffer;
  /**
   * Inodes of the sockets among the descriptors of a process; one may come more than once. Undefined where the directory
   * cannot be read.
   *
   * @param directory /proc/PID/fd
   */
  readonly socketInodes: (directory: string) => Float64Array | undefined;
  /** Whether nobody can read any more what is written to a descriptor. */
  readonly isHungUp: (fd: number) => boolean;
  readonly eventSize: number;
  readonly eventVersion: number;
}

const require = createRequire(import.meta.url);

/** The one that was built here, else that of the package for this architecture. */
function findAddon(): string {
  try {
    return require.resolve('#addon');
  } catch {
    return require.resolve(`#prebuilt/linux-${process.arch}/tcptrace.node`);
  }
}

/** Loads the addon on first use; throws what dlopen says where it cannot be loaded. */
export function loadAddon(): Addon {
  return require(findAddon()) as Addon;
}
