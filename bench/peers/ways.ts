/** What is compared: how it is started, and how its lines are counted. */
import {readFileSync} from 'node:fs';
import {CLI} from '../../test/helpers/tracer.js';

/** Where the packages' root directory is, in the virtual machine. */
export const PEERS_ROOT = '/extra/root';

export interface Way {
  readonly argv: readonly string[];
  /** Whether it sees connections by now. @param errors what it has written to stderr */
  readonly isReady: (pid: number, errors: string) => boolean;
  /** How many of the four events of a connection (connect, accept, two closes) lines tell of. */
  readonly countEvents: (lines: readonly string[]) => number;
  /** Shell commands before and after it. */
  readonly prepare?: string;
  readonly restore?: string;
  /** Where its process has forked what does the work. */
  readonly peakRssBytes?: (errors: string) => number;
  /** Looks each second, and costs by the second, not by the event. */
  readonly polls?: true;
  /** Compiles for minutes of an emulated machine. */
  readonly isSlow?: true;
  /** Debian packages that it takes, without libc. */
  readonly packages: readonly string[];
}

/** Sleeping for want of events (proc_pid_wchan(5)). */
const WAITS = /^(do_epoll_wait|ep_poll|do_sys_poll|__skb_wait_for_more_packets)/;

function waitsForEvents(pid: number): boolean {
  return WAITS.test(readFileSync(`/proc/${String(pid)}/wchan`, 'utf8'));
}

function countMatches(pattern: RegExp, each = 1): (lines: readonly string[]) => number {
  return (lines) => lines.filter((line) => pattern.test(line)).length * each;
}

function tcptrace(probe: string): Way {
  return {
    argv: [process.execPath, CLI, 'watch', '--ndjson', '--probe', probe],
    isReady: (_, errors) => errors.includes('(ready)'),
    countEvents: countMatches(/"event":"(connect|accept|close)"/),
    packages: [],
  };
}

function packaged(argv: readonly string[], line: RegExp, packages: readonly string[]): Way {
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

export const WAYS: Readonly<Record<string, Way>> = {
  'tcptrace, fentry': tcptrace('fentry'),
  'tcptrace, kprobe': tcptrace('kprobe'),
  'tcptrace, tracepoint': tcptrace('tracepoint'),
  'tcptracer (libbpf-tools)': packaged(['/usr/sbin/tcptracer'], /^[CAX] /, LIBBPF_TOOLS),
  // a line for each end, when it closes
  'tcplife (libbpf-tools)': packaged(['/usr/sbin/tcplife'], /^\d/, LIBBPF_TOOLS),
  'tcptracer (bcc)': {
    ...packaged(['/usr/bin/python3.11', '/usr/sbin/tcptracer-bpfcc'], /^[CAX] /, BCC),
    isSlow: true,
  },
  'conntrack -E': {
    argv: ['conntrack', '-E', '-p', 'tcp'],
    isReady: waitsForEvents,
    // one flow has two ends: both have begun when it is established, both are closed when it waits for its end
    countEvents: countMatches(/ (ESTABLISHED|TIME_WAIT) /, 2),
    // the kernel tracks what a rule asks for
    prepare:
      'nft "add table ip peers; add chain ip peers out { type filter hook output priority 0; }; add rule ip peers out ct state new accept"',
    restore: 'nft delete table ip peers; conntrack -F 2>/dev/null',
    packages: ['conntrack', 'libmnl0', 'libnetfilter-conntrack3', 'libnfnetlink0'],
  },
  'ss -tnpH, each second': {
    argv: ['sh', '-c', 'while :; do busybox time -f %M ss -tnpH; sleep 1; done'],
    isReady: () => true,
    // whoever sees an end of a connection knows that it began, and will see that it is gone
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

export const NO_WAY = 'nothing';
