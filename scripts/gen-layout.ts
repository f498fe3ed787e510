/**
 * Prints src/kernel/layout.ts: field offsets of `struct event` and `struct filter_config`, values of their enums, and
 * limits, from the BTF of the BPF object and the headers.
 * Usage: node build/scripts/gen-layout.js build/bpf/tcptrace.bpf.o
 */
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {format, resolveConfig} from 'prettier';

interface Member {
  readonly name: string;
  readonly bits_offset: number;
  readonly type_id: number;
}

interface Struct {
  readonly id: number;
  readonly kind: 'STRUCT';
  readonly name: string;
  readonly size: number;
  readonly members: readonly Member[];
}

interface Union {
  readonly id: number;
  readonly kind: 'UNION';
  readonly name: string;
  readonly members: readonly Member[];
}

interface Enum {
  readonly id: number;
  readonly kind: 'ENUM';
  readonly name: string;
  readonly values: readonly {readonly name: string; readonly val: number}[];
}

type BtfType = Struct | Union | Enum | {readonly id: number; readonly kind: 'other'; readonly name: string};

const root = new URL('../../', import.meta.url);
const target = fileURLToPath(new URL('src/kernel/layout.ts', root));

function readBtf(object: string): readonly BtfType[] {
  const json = execFileSync('bpftool', ['btf', 'dump', '-j', 'file', object], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    // Debian installs bpftool in /usr/sbin
    env: {...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin`},
  });
  return (JSON.parse(json) as {types: BtfType[]}).types;
}

function find<K extends 'STRUCT' | 'ENUM'>(types: readonly BtfType[], kind: K, name: string) {
  const found = types.find((type) => type.kind === kind && type.name === name);
  if (found === undefined) throw new Error(`no ${kind.toLowerCase()} ${name} in the object's BTF`);
  return found as Extract<BtfType, {kind: K}>;
}

// BTF does not contain macros.
function readMacro(file: string, name: string): number {
  const header = readFileSync(new URL(file, root), 'utf8');
  const value = new RegExp(`^#define\\s+${name}\\s+(\\d+)\\s*$`, 'm').exec(header)?.[1];
  if (value === undefined) throw new Error(`no number ${name} in ${file}`);
  return Number(value);
}

function constants(doc: string, name: string, entries: readonly (readonly [string, number])[]): string {
  const body = entries.map(([key, value]) => `  ${key}: ${String(value)},\n`).join('');
  return `/** ${doc} */\nexport const ${name} = {\n${body}} as const;\n`;
}

function number(doc: string, name: string, value: number): string {
  return `/** ${doc} */\nexport const ${name} = ${String(value)};\n`;
}

/** Returns the fields of a struct with their offsets, those of anonymous structs and unions in it included. */
function listFields(
  types: readonly BtfType[],
  {members}: Struct | Union,
  base = 0,
): (readonly [string, number])[] {
  return members.flatMap(({name, bits_offset: bits, type_id: id}) => {
    const at = base + bits / 8;
    if (name !== '(anon)') return [[name, at] as const];
    const inner = types.find((type) => type.id === id);
    if (inner === undefined || !('members' in inner)) throw new Error('an anonymous field of another kind');
    return listFields(types, inner, at);
  });
}

/** Offsets of a struct's fields. */
function offsets(types: readonly BtfType[], cName: string, name: string): string {
  const entries = listFields(types, find(types, 'STRUCT', cName));
  return constants(`Offsets of the fields of \`struct ${cName}\`, in bytes.`, name, entries);
}

function enumeration(types: readonly BtfType[], cName: string, name: string, prefix: string): string {
  const {values} = find(types, 'ENUM', cName);
  const entries = values.map((value) => {
    if (!value.name.startsWith(prefix)) throw new Error(`${value.name} does not begin with ${prefix}`);
    return [value.name.slice(prefix.length), value.val] as const;
  });
  return constants(`\`enum ${cName}\`.`, name, entries);
}

function generateEvent(types: readonly BtfType[]): readonly string[] {
  const header = 'bpf/event.h';
  return [
    number('Size of `struct event`, in bytes.', 'EVENT_SIZE', find(types, 'STRUCT', 'event').size),
    number('`event.version` of this layout.', 'EVENT_VERSION', readMacro(header, 'EVENT_VERSION')),
    number('Size of `comm` and of the other names, in bytes.', 'COMM_LEN', readMacro(header, 'COMM_LEN')),
    number('Size of `laddr` and `raddr`, in bytes.', 'ADDR_LEN', readMacro(header, 'ADDR_LEN')),
    offsets(types, 'event', 'Offset'),
    number('Size of `cgroup_name.text`, in bytes.', 'CGROUP_TEXT', readMacro(header, 'CGROUP_TEXT')),
    offsets(types, 'cgroup_name', 'CgroupNameOffset'),
    offsets(types, 'numbers', 'NumbersOffset'),
    offsets(types, 'listed', 'ListedOffset'),
    enumeration(types, 'event_type', 'EventType', 'EVENT_'),
    enumeration(types, 'direction', 'DirectionCode', 'DIRECTION_'),
    enumeration(types, 'ended_by', 'EndedByCode', 'ENDED_'),
    enumeration(types, 'event_known', 'Known', 'KNOWN_'),
    enumeration(types, 'counter', 'Counter', 'COUNTER_'),
  ];
}

function generateFilter(types: readonly BtfType[]): readonly string[] {
  const header = 'bpf/filter_config.h';
  const sizeOf = (name: string): number => find(types, 'STRUCT', name).size;
  return [
    number('Size of `struct filter_config`, in bytes.', 'FILTER_SIZE', sizeOf('filter_config')),
    number('`filter_config.version` of this layout.', 'FILTER_VERSION', readMacro(header, 'FILTER_VERSION')),
    number(
      'Limit of values in a list, and of endpoint tests.',
      'FILTER_MAX',
      readMacro(header, 'FILTER_MAX'),
    ),
    number(
      'Limit of endpoint predicates.',
      'ENDPOINT_PREDICATES_MAX',
      readMacro(header, 'ENDPOINT_PREDICATES_MAX'),
    ),
    number(
      'Limit of positions in a glob automaton.',
      'GLOB_POSITIONS_MAX',
      readMacro(header, 'GLOB_POSITIONS_MAX'),
    ),
    number('Size of `struct endpoint_test`, in bytes.', 'ENDPOINT_TEST_SIZE', sizeOf('endpoint_test')),
    offsets(types, 'filter_config', 'FilterOffset'),
    offsets(types, 'number_list', 'NumberListOffset'),
    offsets(types, 'glob_automaton', 'GlobAutomatonOffset'),
    offsets(types, 'endpoint_test', 'EndpointTestOffset'),
    enumeration(types, 'endpoint_side', 'EndpointSide', 'ENDPOINT_'),
  ];
}

function generateLimits(): readonly string[] {
  const limit = (doc: string, name: string, macro: string) =>
    number(doc, name, readMacro('native/limits.h', macro));
  return [
    limit('Limit of the size of the ring buffer, in bytes.', 'MAX_BUFFER_BYTES', 'BUFFER_BYTES_MAX'),
    limit('Limit of entries in the map of live connections.', 'MAX_CONNECTIONS', 'CONNECTIONS_MAX'),
    limit('Limit of entries in the map of followed processes.', 'MAX_FOLLOWED', 'FOLLOWED_MAX'),
  ];
}

function generate(types: readonly BtfType[]): string {
  const head =
    '// Generated by scripts/gen-layout.ts from bpf/event.h, bpf/filter_config.h and native/limits.h; do not edit.\n';
  return [head, ...generateEvent(types), ...generateFilter(types), ...generateLimits()].join('\n');
}

const object = process.argv[2];
if (object === undefined) throw new Error('usage: gen-layout.js OBJECT');
const config = await resolveConfig(target);
process.stdout.write(await format(generate(readBtf(object)), {...config, filepath: target}));
