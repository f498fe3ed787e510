/** Reads flows of one network namespace from the `conntrack` program of conntrack-tools. */
import {type ChildProcess, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {ExitCode, TcptraceError} from '../model/errors.js';
import {findProgram} from '../procfs/programs.js';
import type {FlowEndpoints, FlowEvent} from '../model/flow.js';
import type {Spool} from './spool.js';

const HEAD = /^\[(\d+)\.(\d+)\s*\]\s*\[(\w+)\s*\]\s*ipv([46])\s+\d+ tcp\s+\d+ (?:\d+ )?(\w+)?\s*src=/;

/** Occurs twice in a line: for the original and for the reply direction. */
const TUPLE = /src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g;

/** States after FINs in both directions, or after a reset. */
const ENDED = new Set(['TIME_WAIT', 'CLOSE']);

function formatTime(seconds: string, fraction: string): string {
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${date}.${fraction.padEnd(9, '0').slice(0, 9)}Z`;
}

function toKind(type: string, state: string | undefined): 'connect' | 'close' | undefined {
  if (type === 'DESTROY' || (state !== undefined && ENDED.has(state))) return 'close';
  return state === 'ESTABLISHED' ? 'connect' : undefined;
}

function toEndpoints([, laddr = '', raddr = '', lport, rport]: readonly string[]): FlowEndpoints {
  return {laddr, lport: Number(lport), raddr, rport: Number(rport)};
}

/** Parses a line of `conntrack -E -p tcp -o timestamp,extended`; undefined unless a connection opens or closes. */
export function parseConntrackLine(line: string): FlowEvent | undefined {
  const [, seconds = '', fraction = '', type = '', version, state] = HEAD.exec(line) ?? [];
  const event = toKind(type, state);
  const [near, far] = Array.from(line.matchAll(TUPLE), toEndpoints);
  if (event === undefined || near === undefined) return undefined;
  return {
    time: formatTime(seconds, fraction),
    event,
    source: 'conntrack',
    family: version === '6' ? 6 : 4,
    ...near,
    direction: 'unknown',
    ...(far && {far}),
  };
}

/** Extracts the message of a line on stderr; undefined for hints and the final count of events. */
function extractProblem(line: string): string | undefined {
  if (line.includes('ENOBUFS')) return 'buffer overrun: events were lost';
  const isIrrelevant = / flow events have been shown|^This message means |^Please, check --buffer-size/.test(
    line,
  );
  return isIrrelevant ? undefined : line.replace(/^conntrack v\S+ \([\w-]+\): /, '');
}

export interface Conntrack {
  readonly process: ChildProcess;
  /** Reads the events from the spool, once the program has exited. */
  readonly read: () => AsyncGenerator<FlowEvent, void, undefined>;
  /** Distinct messages on stderr. */
  readonly problems: string[];
}

async function* readFlows(spool: Spool): AsyncGenerator<FlowEvent, void, undefined> {
  const established = new Set<string>();
  for await (const line of createInterface({input: spool.read()})) {
    const event = parseConntrackLine(line);
    if (event === undefined) continue;
    const flow = [event.laddr, event.lport, event.raddr, event.rport].join(' ');
    // conntrack reports a close several times, and also for flows that were never established
    const isNew = event.event === 'close' ? established.delete(flow) : !established.has(flow);
    if (event.event === 'connect') established.add(flow);
    if (isNew) yield event;
  }
}

/**
 * Starts conntrack in the network namespace of tcptrace; it reports flows only if connection tracking is enabled there.
 *
 * @param spool receives its output
 * @throws TcptraceError (not supported) if the program is missing
 */
export function startConntrack(spool: Spool): Conntrack {
  const program = findProgram('conntrack');
  if (program === undefined) {
    const hint = 'install conntrack-tools (Debian, Ubuntu: apt install conntrack), or leave out --conntrack';
    throw new TcptraceError('the program conntrack is missing', ExitCode.UNSUPPORTED, hint);
  }
  const listen = [program, '-E', '-p', 'tcp', '-o', 'timestamp,extended'];
  const setpriv = findProgram('setpriv');
  // terminates conntrack when tcptrace exits, even by SIGKILL
  const [first = program, ...args] =
    setpriv === undefined ? listen : [setpriv, '--pdeathsig=TERM', ...listen];
  const child = spawn(first, args, {
    stdio: ['ignore', spool.fd, 'pipe'],
    env: {LC_ALL: 'C'},
    // own process group: ctrl-C must not reach it
    detached: true,
  });
  const problems: string[] = [];
  if (child.stderr !== null)
    createInterface({input: child.stderr}).on('line', (line) => {
      const problem = extractProblem(line);
      // conntrack repeats the message at each overrun
      if (problem !== undefined && !problems.includes(problem)) problems.push(problem);
    });
  return {process: child, read: () => readFlows(spool), problems};
}
