import {existsSync, readFileSync} from 'node:fs';
import {release} from 'node:os';

/** Capabilities that tracing needs; numbers from linux/capability.h. */
const CAPABILITIES = [
  {name: 'CAP_BPF', number: 39, orAdmin: true},
  {name: 'CAP_PERFMON', number: 38, orAdmin: true},
  {name: 'CAP_NET_ADMIN', number: 12, orAdmin: false},
  {name: 'CAP_SYS_PTRACE', number: 19, orAdmin: false},
] as const;

const CAP_SYS_ADMIN = 21;

/** Returns the missing capabilities. @param status text of /proc/PID/status */
export function missingCapabilities(status: string): readonly string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([\da-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const has = (number: number): boolean => ((effective >> BigInt(number)) & 1n) === 1n;
  return CAPABILITIES.filter(({number, orAdmin}) => !has(number) && !(orAdmin && has(CAP_SYS_ADMIN))).map(
    ({name}) => name,
  );
}

/** Properties of the machine and the process that explain why a probe is refused. */
export interface Surroundings {
  /** Names of the capabilities that this process lacks. */
  readonly missingCapabilities: readonly string[];
  /** True in a user namespace, whose capabilities do not apply to BPF. */
  readonly inUserNamespace: boolean;
  /** False if the kernel lacks CONFIG_KPROBES. */
  readonly hasKprobes: boolean;
  /** True if kernel lockdown forbids reading kernel memory. */
  readonly isLockedDown: boolean;
  /** sysctl kernel.perf_event_paranoid; above 2 (a patch of some distributions) perf events need CAP_SYS_ADMIN. */
  readonly perfEventParanoid: number;
  /** True if maps count as locked memory (before Linux 5.11) and RLIMIT_MEMLOCK is limited. */
  readonly isMemoryLimited: boolean;
  /** True if a seccomp filter applies to this process, as in most containers. */
  readonly hasSeccompFilter: boolean;
}

/** Tells whether `Seccomp:` is 2 (SECCOMP_MODE_FILTER). @param status text of /proc/PID/status */
export function hasSeccompFilter(status: string): boolean {
  return /^Seccomp:\s*2$/m.test(status);
}

/** True if RLIMIT_MEMLOCK limits maps. @param limits text of /proc/PID/limits */
export function limitsMaps(kernel: string, limits: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number);
  const isOld = major < 5 || (major === 5 && minor < 11);
  return isOld && !/^Max locked memory\s+unlimited\s/m.test(limits);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export function readSurroundings(): Surroundings {
  const status = readOrEmpty('/proc/self/status');
  return {
    missingCapabilities: missingCapabilities(status),
    inUserNamespace: !/^\s*0\s+0\s+4294967295\s*$/.test(readOrEmpty('/proc/self/uid_map')),
    hasKprobes: existsSync('/sys/bus/event_source/devices/kprobe'),
    isLockedDown: readOrEmpty('/sys/kernel/security/lockdown').includes('[confidentiality]'),
    perfEventParanoid: Number(readOrEmpty('/proc/sys/kernel/perf_event_paranoid') || NaN),
    isMemoryLimited: limitsMaps(release(), readOrEmpty('/proc/self/limits')),
    hasSeccompFilter: hasSeccompFilter(status),
  };
}
