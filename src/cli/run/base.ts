import type {Interfaces} from '@oclif/core';
import {Command} from '@oclif/core/command';
import {boolean, option, string} from '@oclif/core/flags';
import {FILTER_FLAGS, type FilterName} from '../flags/filter-flags.js';
import {FORMATS} from '../flags/formats.js';
import {usageError} from '../../model/errors.js';
import {COLUMN_NAMES} from '../../format/columns.js';
import {PROBE_CHOICES} from '../../sources/choose.js';
import {TIME_STYLES} from '../../format/times.js';
import {COLOR_CHOICES} from '../../terminal/color.js';

type FlagOutput = Interfaces.OutputFlags<Interfaces.FlagInput>;
type ArgOutput = Interfaces.OutputArgs<Interfaces.ArgInput>;

/** What every command is: flags in, exit code out. Errors go to main.ts, which prints them. */
export abstract class BaseCommand extends Command {
  /** oclif's own `--json` would lose exit codes and print its configuration with errors. */
  static override enableJsonFlag = false;

  /** What a switch is given would be taken for an argument of the command. */
  protected override parse<F extends FlagOutput, B extends FlagOutput, A extends ArgOutput>(
    options: Interfaces.Input<F, B, A> = {},
    argv = this.argv,
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    for (const [name, {type}] of Object.entries(options.flags ?? {}))
      if (type === 'boolean' && argv.some((word) => word.startsWith(`--${name}=`)))
        throw usageError(`--${name}: takes no value`, `write --${name}`);
    return super.parse(options, argv);
  }

  /** @returns the exit code: an one of model/errors.ts, or that of a command that was run */
  abstract override run(): Promise<number>;

  /** Without what oclif adds. */
  protected override catch(error: Error): Promise<never> {
    return Promise.reject(error);
  }
}

/** Paragraphs, each in one line for the help to break where the terminal's width wants it. */
export function prose(text: string): string {
  return text.replace(/(?<!\n)\n(?!\n)/g, ' ');
}

/** May be repeated; values with commas between them are taken apart later. */
export const several = {multiple: true, multipleNonGreedy: true} as const;

/** oclif's parser takes digits for short flags; only its types do not know. */
const FOUR = '4' as unknown as 'a';
const SIX = '6' as unknown as 'a';

type FilterFlag = ReturnType<typeof filterFlag>;

function filterFlag(description: string, value: string, char?: 'p' | 'P' | 'u' | 'N') {
  return string({...several, helpGroup: 'filter', helpValue: value, description, ...(char && {char})});
}

/** Described once for all of them, not each. */
function negatedFlag(value: string): FilterFlag {
  return string({...several, helpGroup: 'filter', helpValue: value, hidden: true});
}

const CHARS: Partial<Record<FilterName, 'p' | 'P' | 'u' | 'N'>> = {pid: 'p', port: 'P', uid: 'u', netns: 'N'};

const names = Object.keys(FILTER_FLAGS) as FilterName[];
const wanted = names.map((name) => {
  const {help, value} = FILTER_FLAGS[name];
  return [name, filterFlag(help, value, CHARS[name])] as const;
});
const unwanted = names.map(
  (name) => [`not-${name}` as const, negatedFlag(FILTER_FLAGS[name].value)] as const,
);

/** FilterFlags of filter-options.ts. */
export const filterFlags = {
  ...(Object.fromEntries(wanted) as Record<FilterName, FilterFlag>),
  ...(Object.fromEntries(unwanted) as Record<`not-${FilterName}`, FilterFlag>),
  ipv4: boolean({char: FOUR, helpGroup: 'filter', description: 'IPv4, also through IPv6 sockets'}),
  ipv6: boolean({char: SIX, helpGroup: 'filter', description: 'IPv6'}),
  'no-loopback': boolean({helpGroup: 'filter', description: 'neither end at 127.0.0.0/8 or ::1'}),
};

/** EventFlags of filter-options.ts. @param otherwise which, if the flag is not given */
export function eventFlags(otherwise: string) {
  return {
    event: string({
      ...several,
      char: 'e',
      helpGroup: 'filter',
      helpValue: 'KIND',
      description: `connect, accept, close, fail, open, lost; ${otherwise} if not given; lost is always shown`,
    }),
    'not-event': negatedFlag('KIND'),
  };
}

/** LookupFlags of name-options.ts. @param wait what is told of how long is waited for the names of hosts */
export function lookupFlags(wait: string) {
  return {
    resolve: boolean({
      char: 'r',
      helpGroup: 'names',
      description: `names of remote hosts, by DNS, and of services; ${wait}`,
    }),
    users: boolean({helpGroup: 'names', description: 'names of users'}),
    containers: boolean({
      helpGroup: 'names',
      description: 'cgroup, id and name of the container, and pod, as files of its runtime say',
    }),
    'container-names': boolean({
      helpGroup: 'names',
      description: '--containers, with names that only the daemon of Docker or Podman knows',
    }),
    args: boolean({helpGroup: 'names', description: 'command line of the process, if it is there still'}),
  };
}

/** Flags of every command that prints a table to stdout. */
export const colorFlags = {
  color: option({
    options: COLOR_CHOICES,
    default: 'auto',
    helpGroup: 'output',
    description: 'colour in the table',
  })(),
};

/** OutputFlags of form-options.ts. */
export const outputFlags = {
  format: option({
    char: 'o',
    options: FORMATS,
    helpGroup: 'output',
    description: 'table if not given; wide has every field in a column of its own',
  })(),
  wide: boolean({helpGroup: 'output', description: 'the same as --format wide'}),
  ndjson: boolean({
    helpGroup: 'output',
    description: 'one line of JSON per event; the same as --format ndjson',
  }),
  columns: string({
    ...several,
    helpGroup: 'output',
    helpValue: 'NAME',
    description: `columns of the table: ${COLUMN_NAMES.join(', ')}`,
  }),
  time: option({
    options: TIME_STYLES,
    helpGroup: 'output',
    description: 'in tables: of the day, since the first row, or since the row before; absolute if not given',
  })(),
  ...colorFlags,
  output: string({
    helpGroup: 'output',
    helpValue: 'FILE',
    description: 'write to a file (a new one is of mode 0600), not to stdout',
  }),
  stats: boolean({
    helpGroup: 'output',
    description: 'at the end, tables by process and by remote end on stderr',
  }),
  rotate: string({
    helpGroup: 'output',
    helpValue: 'SIZE',
    description:
      'with --output: go on in a new file after so much, such as 100M; the old one, be it of an earlier run, becomes FILE.1, FILE.2 ..., the next that is free',
  }),
};

export const btfFlags = {
  btf: string({
    helpGroup: 'source',
    helpValue: 'FILE',
    description: "the running kernel's types, where they are not in /sys/kernel/btf/vmlinux",
  }),
};

/** Of ProbeFlags of probe-options.ts, all but `interval`. */
export const probeFlags = {
  probe: option({
    options: PROBE_CHOICES,
    helpGroup: 'source',
    description: 'way of hooking the kernel, or proc; auto, if not given, is the first that works',
  })(),
  proc: boolean({helpGroup: 'source', description: 'scan /proc instead of eBPF; the same as --probe proc'}),
  'buffer-size': string({
    helpGroup: 'source',
    helpValue: 'SIZE',
    description: 'ring buffer between kernel and tcptrace; 8M if not given',
  }),
  'max-connections': string({
    helpGroup: 'source',
    helpValue: 'N',
    description: 'live connections that are followed by eBPF; 262144 if not given',
  }),
  ...btfFlags,
};
