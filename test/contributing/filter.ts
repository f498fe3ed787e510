import type {Change} from './change.js';

/** `--high-ports` includes connections to remote ports from 1024 on; the kernel decides it. */
export const FILTER: Change = {
  heading: 'Add a filter',
  edits: [
    {
      file: 'bpf/filter_config.h',
      at: /(^struct filter_config \{\n[^}]*)^\};/m,
      text: `$1\t__u32 high_ports; /* 1: remote ports from 1024 on */\n\t__u32 unused_example;\n};`,
    },
    {
      file: 'bpf/filter_config.h',
      at: /sizeof\(struct filter_config\) == /,
      text: '$&8 + ',
    },
    {
      file: 'bpf/filter.h',
      at: /return \(filter\.events >> type & 1\) &/,
      text: '$& (!filter.high_ports || e->rport >= 1024) &',
    },
    {
      file: 'src/filter/filter.ts',
      at: /^export interface SocketFilter .*\{\n/m,
      text: '$&  readonly highPorts: boolean;\n',
    },
    {
      file: 'src/filter/filter.ts',
      at: /^export const NO_FILTER: SocketFilter = \{/m,
      text: '$&\n  highPorts: false,',
    },
    {
      file: 'src/filter/filter.ts',
      at: /^ {4}\.\.\.filter\.endpoints\.map\(compileEndpoints\),\n/m,
      text: '$&    ...(filter.highPorts ? [hasHighPort] : []),\n',
    },
    {
      file: 'src/filter/filter.ts',
      at: /^import .* from '\.\/openers\.js';\n/m,
      text: `$&import {hasHighPort} from './predicates.js';\n`,
    },
    {
      file: 'src/filter/predicates.ts',
      at: /^export function hasPid\(/m,
      text: `export const hasHighPort: Predicate = ({rport = 0}) => rport >= 1024;\n\n$&`,
    },
    {
      file: 'src/filter/validate.ts',
      at: /^ {2}requireValid\('endpoints', .*\n/m,
      text: `$&  requireValid('highPorts', filter.highPorts, (it) => typeof it === 'boolean');\n`,
    },
    {
      file: 'src/filter/encode.ts',
      at: /^ {2}writer\.u32\(FilterOffset\.follow, .*\n/m,
      text: `$&  writer.u32(FilterOffset.high_ports, filter.highPorts ? 1 : 0);\n`,
    },
    {
      file: 'src/cli/flags/filter.ts',
      at: /^ {2}'no-loopback': switchFlag\([^)]*\),\n/m,
      text: `$&  'high-ports': switchFlag({group: 'filter', help: 'remote ports from 1024 on'}),\n`,
    },
    {
      file: 'src/cli/flags/filter.ts',
      at: /^ {2}return completeSocketFilter\(\{\n/m,
      text: `$&    highPorts: flags['high-ports'],\n`,
    },
    {
      file: 'test/unit/any-filter.test.ts',
      at: /^const DIMENSIONS: .*\n/m,
      text: `$&  () => ({highPorts: true}),\n`,
    },
    {
      file: 'test/cli/list-flags.test.ts',
      at: /'no-loopback'\],/,
      text: `'no-loopback', 'high-ports'],`,
    },
    {
      file: 'test/cli/compare.test.ts',
      at: /'no-loopback'\]\);/,
      text: `'no-loopback', 'high-ports']);`,
    },
    {
      file: 'test/cli/top.test.ts',
      at: /^ {4}'--no-loopback': .*\n/m,
      text: `$&    '--high-ports': 2,\n`,
    },
    {
      file: 'test/cli/replay.test.ts',
      at: /^ {4}\['--no-loopback', .*\n/m,
      text: `$&    ['--high-ports', ['mapped', 'six']],\n`,
    },
  ],
};
