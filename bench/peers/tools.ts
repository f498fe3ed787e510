/** The compared tools: how to start them and how to count their events. */
import {readFileSync} from 'node:fs';
import {CLI} from '../../test/helpers/tracer.js';

/** Root directory of the packages in the virtual machine. */
export const PEERS_ROOT = '/extra/root';

export interface Tool {
  readonly argv: readonly string[];
  /** True once the tool traces. @param errors its stderr so far */
  readonly isReady: (pid: number, errors: string) => boolean;
  /** Counts the events that lines report, of four per connection (connect, accept, two closes). */
  readonly countEvents: (lines: readonly string[]) => number;
  /** Shell commands to run before and after the tool. */
  readonly prepare?: string;
  readonly restore?: string;
  /** Set if the work happens in child processes. */
  readonly peakRssBytes?: (errors: string) => number;
  /** True if the tool polls, so that its cost depends on time, not on events. */
  readonly polls?: true;
  /** True if the tool compiles at start, which takes minutes in QEMU. */
  readonly isSlow?: true;
  /** Debian packages that the tool needs, except libc. */
  readonly packages: readonly string[];
}

/** Kernel functions in which a tool waits for events (proc_pid_wchan(5)). */
const WAITS = /^(do_epoll_wait|ep_poll|do_sys_poll|__skb_wait_for_more_packets)/;

function waitsForEvents(pid: number): boolean {
  return WAITS.test(readFileSync(`/proc/${String(pid)}/wchan`, 'utf8'));
}

function countMatches(pattern: RegExp, each = 1): (lines: readonly string[]) => number {
  return (lines) => lines.filter((line) => pattern.test(line)).length * each;
}

function tcptrace(probe: string): Tool {
  return {
    argv: [process.execPath, CLI, 'watch', '--ndjson', '--probe', probe],
    isReady: (_, errors) => errors.includes('(ready)'),
    countEvents: countMatches(/"event":"(connect|accept|close)"/),
    packages: [],
  };
}

function packaged(argv: readonly string[], line: RegExp, packages: readonly string[]): Tool {
  return {
    argv: ['chroot', PEERS_ROOT, ...argv],
    isReady: waitsForEvents,
    countEvents: countMatches(line),
    packages,
  };
}

const LIBBPF_TOOLS = ['libbpf-tools', 'libelf1', 'zlib1g'];
const BCC = [
  ...[
    'bpfcc-tools',
    'python3-bpfcc',
    'libbpfcc',
    'libclang-cpp14',
    'libllvm14',
    'libedit2',
    'libz3-4',
    'libxml2',
  ],
  ...[
    'libicu72',
    'liblzma5',
    'libbsd0',
    'libmd0',
    'libffi8',
    'libtinfo6',
    'libstdc++6',
    'libbpf1',
    'libelf1',
    'zlib1g',
  ],
  ...['python3.11-minimal', 'libpython3.11-minimal', 'libpython3.11-stdlib', 'libexpat1'],
];

export const TOOLS: Readonly<Record<string, Tool>> = {
  'tcptrace, fentry': tcptrace('fentry'),
  'tcptrace, kprobe': tcptrace('kprobe'),
  'tcptrace, tracepoint': tcptrace('tracepoint'),
  'tcptracer (libbpf-tools)': packaged(['/usr/sbin/tcptracer'], /^[CAX] /, LIBBPF_TOOLS),
  // one line per socket, when it closes
  'tcplife (libbpf-tools)': packaged(['/usr/sbin/tcplife'], /^\d/, LIBBPF_TOOLS),
  'tcptracer (bcc)': {
    ...packaged(['/usr/bin/python3.11', '/usr/sbin/tcptracer-bpfcc'], /^[CAX] /, BCC),
    isSlow: true,
  },
  'conntrack -E': {
    argv: ['conntrack', '-E', '-p', 'tcp'],
    isReady: waitsForEvents,
    // a flow stands for two sockets: ESTABLISHED counts as connect and accept, TIME_WAIT as both closes
    countEvents: countMatches(/ (ESTABLISHED|TIME_WAIT) /, 2),
    // the kernel tracks connections only if a rule uses ct
    prepare:
      'nft "add table ip peers; add chain ip peers out { type filter hook output priority 0; }; add rule ip peers out ct state new accept"',
    restore: 'nft delete table ip peers; conntrack -F 2>/dev/null',
    packages: ['conntrack', 'libmnl0', 'libnetfilter-conntrack3', 'libnfnetlink0'],
  },
  'ss -tnpH, each second': {
    argv: ['sh', '-c', 'while :; do busybox time -f %M ss -tnpH; sleep 1; done'],
    isReady: () => true,
    // a listed socket counts as its opening and, once it has disappeared, its close
    countEvents: (lines) => 2 * new Set(lines.filter((line) => line.startsWith('ESTAB'))).size,
    polls: true,
    peakRssBytes: (errors) => Math.max(...errors.trim().split('\n').map(Number)) * 1024,
    packages: [
      'iproute2',
      'libmnl0',
      'libcap2',
      'libselinux1',
      'libpcre2-8-0',
      'libbpf1',
      'libelf1',
      'zlib1g',
    ],
  },
};

export const NO_TOOL = 'nothing';
