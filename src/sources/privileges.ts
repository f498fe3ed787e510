/** Privileges of this process and restrictions of the kernel. */
import {existsSync, readFileSync} from 'node:fs';
import {release} from 'node:os';
import type {Finding} from '../model/diagnosis.js';

/** Capabilities that tracing needs; numbers from linux/capability.h. */
const CAPABILITIES = [
  {name: 'CAP_BPF', number: 39, orAdmin: true},
  {name: 'CAP_PERFMON', number: 38, orAdmin: true},
  {name: 'CAP_NET_ADMIN', number: 12, orAdmin: false},
  {name: 'CAP_SYS_PTRACE', number: 19, orAdmin: false},
] as const;

const CAP_SYS_ADMIN = 21;

/** The lockdown mode that forbids reading kernel memory. */
const CONFIDENTIALITY = 'confidentiality';

interface Capability {
  readonly name: string;
  readonly isHeld: boolean;
  /** True if only CAP_SYS_ADMIN, which includes it, is held. */
  readonly isThroughAdmin: boolean;
}

/** Reads the effective set. @param status text of /proc/PID/status */
function readCapabilities(status: string): readonly Capability[] {
  const effective = BigInt(`0x${/^CapEff:\s*([\da-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const has = (number: number): boolean => ((effective >> BigInt(number)) & 1n) === 1n;
  return CAPABILITIES.map(({name, number, orAdmin}) => {
    const isThroughAdmin = orAdmin && !has(number) && has(CAP_SYS_ADMIN);
    return {name, isHeld: has(number) || isThroughAdmin, isThroughAdmin};
  });
}

/** Returns the names of the missing capabilities. @param status text of /proc/PID/status */
export function missingCapabilities(status: string): readonly string[] {
  return readCapabilities(status).flatMap(({name, isHeld}) => (isHeld ? [] : name));
}

/**
 * Returns the active mode of kernel lockdown: none, integrity or confidentiality.
 *
 * @param text of /sys/kernel/security/lockdown, such as `none [integrity] confidentiality`; '' if the file is missing
 */
export function lockdownMode(text: string): string {
  return /\[(\w+)\]/.exec(text)?.[1] ?? 'none';
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

/** Returns true if a seccomp filter applies (SECCOMP_MODE_FILTER). @param status text of /proc/PID/status */
export function hasSeccompFilter(status: string): boolean {
  return /^Seccomp:\s*2$/m.test(status);
}

/** Returns true if RLIMIT_MEMLOCK limits maps. @param limits text of /proc/PID/limits */
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

function readLockdown(): string {
  return lockdownMode(readOrEmpty('/sys/kernel/security/lockdown'));
}

/** Returns lockdown and capabilities for `tcptrace doctor`. */
export function findPrivileges(): readonly Finding[] {
  const lockdown = readLockdown();
  return [
    {name: 'lockdown', ok: lockdown !== CONFIDENTIALITY, detail: lockdown},
    ...readCapabilities(readOrEmpty('/proc/self/status')).map(({name, isHeld, isThroughAdmin}) => ({
      name,
      ok: isHeld,
      detail: isThroughAdmin ? 'through CAP_SYS_ADMIN' : isHeld ? '' : 'not in the effective set',
    })),
  ];
}

/** Reads /proc and /sys; a file that cannot be read counts as empty. */
export function readSurroundings(): Surroundings {
  const status = readOrEmpty('/proc/self/status');
  return {
    missingCapabilities: missingCapabilities(status),
    inUserNamespace: !/^\s*0\s+0\s+4294967295\s*$/.test(readOrEmpty('/proc/self/uid_map')),
    hasKprobes: existsSync('/sys/bus/event_source/devices/kprobe'),
    isLockedDown: readLockdown() === CONFIDENTIALITY,
    perfEventParanoid: Number(readOrEmpty('/proc/sys/kernel/perf_event_paranoid') || NaN),
    isMemoryLimited: limitsMaps(release(), readOrEmpty('/proc/self/limits')),
    hasSeccompFilter: hasSeccompFilter(status),
  };
}
