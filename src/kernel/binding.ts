/** Types of the addon (native/). */
import type {Probe} from '../model/event.js';

/** Sizes and files of a tracer. */
export interface KernelLimits {
  /** Ring buffer size in bytes, at most MAX_BUFFER_BYTES; the addon rounds it up to a power of two pages. */
  readonly bufferSizeBytes: number;
  /** Size of the map of live connections, in entries, at most MAX_CONNECTIONS. */
  readonly maxConnections: number;
  /** BTF file of the running kernel, if not /sys/kernel/btf/vmlinux. */
  readonly btfPath?: string;
  /** Descriptor of the output: read() returns null once its reader has closed it. */
  readonly outputFd?: number;
}

/** Options that the addon needs to open, configure, load and attach one probe. */
export interface TracerOptions extends KernelLimits {
  readonly probe: Probe;
  /** `struct filter_config` of bpf/filter_config.h. */
  readonly filter: Uint8Array;
  /** Milliseconds between two visits of live connections, an integer. */
  readonly updateMs?: number;
  /** update() will be called. Without this option and `updateMs`, there are no `update` events. */
  readonly updates?: boolean;
  /** Processes to follow; has an effect only if `filter` was encoded with `follow`. */
  readonly follow?: Follow;
  /** Reports connections that the filter excludes as well, marked as `for_peers`. */
  readonly peers?: boolean;
  /** Reports the path of each new cgroup (`struct cgroup_name` of bpf/event.h) among the records. */
  readonly newCgroups?: boolean;
  /** Allows calls of refuseCgroup(). */
  readonly refusesCgroups?: boolean;
  /** Kernel functions to treat as missing. Tests use it to try the programs that replace them on any kernel. */
  readonly absentFunctions?: readonly string[];
}

export interface Follow {
  /** At most MAX_FOLLOWED; they and their descendants from now on are followed. */
  readonly pids: readonly number[];
  /** A process whose children are followed, but not itself. */
  readonly childrenOf?: number;
}

/** Result of one read(). */
export interface Batch {
  /** Whole records (`struct event` of bpf/event.h), back to back. */
  readonly records: Buffer;
  /** Lost events since the tracer started. */
  readonly lost: number;
  /** Calls of update() whose records are in this batch and earlier ones. */
  readonly visits: number;
  /** Seconds to add to a record's time to get UTC. */
  readonly utcOffsetSec: number;
  /** Nanoseconds to add, 0 to 999,999,999. */
  readonly utcOffsetNsec: number;
}

/** Counters of a tracer; they never decrease. */
export interface TracerStats {
  /** Lost events: records dropped because the ring buffer was full, and {@link unseen}. */
  readonly lost: number;
  /** Closes for which the kernel ran no program. */
  readonly unseen: number;
  /** Connections that did not fit in the connection map. */
  readonly mapFull: number;
  /** Skipped program runs that may have lost an event (bpf_prog_info.recursion_misses, Linux 5.12). */
  readonly missed: number;
}

/** An attached probe. The constructor attaches it, or throws a {@link LoadError}. */
export interface NativeTracer {
  /** Resolves to the next batch, or to null once stopped and drained. Only one call may be pending. */
  read(): Promise<Batch | null>;
  /**
   * Requests a visit of all live connections, which emits `update` for those that have changed. A later batch counts it
   * in `visits`. Throws if the tracer is closed or has no updates.
   */
  update(): void;
  /** Detaches the probe; records already in the ring stay readable. Idempotent. */
  stop(): void;
  /** Frees all resources; a pending read() resolves to null. Idempotent. */
  close(): void;
  stats(): TracerStats;
  /** Also follows these processes. Throws if the option `follow` is unset, or if they are too many. */
  follow(pids: readonly number[]): void;
  /** Followed processes; those that have just exited may be among them. */
  followed(): readonly number[];
  /**
   * Makes the kernel apply refusals of user space's filters to the events of a cgroup for a second.
   *
   * @param id `cgroup` of a record
   * @param refusals bits of bpf/cgroup_slot.h: 1 if it is excluded, and one for each include test that refuses it
   */
  refuseCgroup(id: number, refusals: number): void;
  /** Counts the connections in the map that these processes own. For tests: events may be lost meanwhile. */
  countConnections(pids: readonly number[]): number;
  /** Programs that are not attached, as `name: reason`. */
  readonly notes: readonly string[];
}

/** Error of the kernel or libbpf while a probe is opened, loaded, attached or read. */
export interface LoadError extends Error {
  readonly code: 'ERR_TCPTRACE_LOAD';
  readonly step: 'open' | 'load' | 'attach' | 'read';
  /** BPF program at fault, or ''. */
  readonly program: string;
  /** Positive errno. */
  readonly errno: number;
  /** Messages of libbpf and the verifier, possibly many lines, or ''. */
  readonly log: string;
}

/** A kernel feature, checked by using it. */
export interface Feature {
  readonly name: string;
  readonly ok: boolean;
  /** Reason if not ok; else a remark or ''. */
  readonly detail: string;
}

/** Sockets of all processes and of some network namespaces. */
export interface SocketRecords {
  /**
   * Records (`struct event`, type OPEN): one for each descriptor of a TCP socket, and one without a process for each
   * socket of the namespaces.
   */
  readonly records: Buffer;
  /** For each namespace the errno of opening or entering it; 0 on success. */
  readonly errors: readonly number[];
}

export interface Addon {
  readonly Tracer: new (options: TracerOptions) => NativeTracer;
  /** Checks BTF and ring buffers, which every probe needs. */
  readonly features: () => Feature[];
  /**
   * Lists TCP sockets.
   *
   * @param btfPath as in TracerOptions
   * @param namespaces network namespaces (paths such as /proc/1/ns/net) whose sockets without a process are listed too
   * @param numbers true fills byte counts, queues and the like
   * @throws LoadError
   */
  readonly sockets: (btfPath?: string, namespaces?: readonly string[], numbers?: boolean) => SocketRecords;
  /**
   * Reads the sockets that a process holds, as pairs of a descriptor and an inode, one after the other; a duplicated
   * descriptor repeats its inode. Returns undefined if the directory cannot be read.
   *
   * @param directory /proc/PID/fd
   */
  readonly socketDescriptors: (directory: string) => Float64Array | undefined;
  /**
   * Reads the names of the interfaces of a network namespace, by index (CAP_SYS_ADMIN for another one than ours). Returns
   * an empty object if the namespace is gone, is another one, or cannot be entered.
   *
   * @param path a file such as /proc/1/ns/net
   * @param inode of the namespace; another one is not read
   */
  readonly interfaces: (path: string, inode: number) => Readonly<Partial<Record<number, string>>>;
  /** True if `fd` is a pipe or socket whose reader has closed it. */
  readonly isHungUp: (fd: number) => boolean;
  /**
   * Opens the root of a cgroup hierarchy, even if it is not mounted or a cgroup namespace hides it. Requires CAP_SYS_ADMIN.
   *
   * @param controllers all controllers of a version 1 hierarchy, as in /proc/PID/cgroup; '' is the unified hierarchy
   * @returns a descriptor that stays open until the process exits; undefined if the kernel refuses it
   */
  readonly openCgroups: (controllers: string) => number | undefined;
  /**
   * Finds the path of a cgroup. Requires CAP_DAC_READ_SEARCH.
   *
   * @param fd descriptor of a directory of the hierarchy
   * @param id kernfs id, as stat(2) shows it as an inode
   * @returns the absolute path, or a positive errno: ESTALE if the cgroup is gone
   */
  readonly cgroupPath: (fd: number, id: number) => string | number;
  /**
   * Sets the size of the receive buffer of another process's socket, which may exceed net.core.rmem_max. Requires
   * CAP_SYS_PTRACE and CAP_NET_ADMIN.
   *
   * @returns 0, or a positive errno
   */
  readonly setReceiveBuffer: (pid: number, fd: number, sizeBytes: number) => number;
  readonly eventSize: number;
  readonly eventVersion: number;
  readonly filterSize: number;
  readonly filterVersion: number;
}
