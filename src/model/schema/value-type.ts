/** Types of field values, as JSON Schema, and their checks at run time. */

export interface IntegerType {
  readonly type: 'integer';
  readonly minimum: number;
  readonly maximum: number;
}

export interface TextType {
  readonly type: 'string';
  /** In characters. */
  readonly maxLength?: number;
  /** Regular expression that the whole text matches. */
  readonly pattern?: string;
}

export interface EnumType {
  readonly enum: readonly (string | number)[];
}

/** A type as JSON Schema (draft 2020-12). */
export type ValueType = IntegerType | TextType | EnumType;

/** Returns true if a value, read as JSON, is of the type. */
export type Check = (value: unknown) => boolean;

/** An integer from 0 that a JavaScript number holds exactly. */
export const NUMBER: ValueType = {type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER};

export const PORT: ValueType = {type: 'integer', minimum: 0, maximum: 0xffff};

/** RFC 3339, UTC. The kernel has nanoseconds; recordings of other origin may have fewer digits. */
export const TIME: ValueType = {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?Z$',
};

/** An IPv4 or IPv6 address. The pattern admits no character that a terminal interprets. */
export const ADDRESS: ValueType = {type: 'string', pattern: '^[\\da-fA-F:.]{2,45}$'};

/** An errno name, or `errno N` for a number without a name. */
export const ERRNO: ValueType = {type: 'string', pattern: '^(?:E[A-Z\\d]{1,30}|errno \\d{1,10})$'};

/** 64 bits in hexadecimal. */
export const HASH: ValueType = {type: 'string', pattern: '^[\\da-f]{16}$'};

/** A name of any kind. The limit bounds the memory of a reader, which caches texts. */
export const NAME: ValueType = {type: 'string', maxLength: 256};

/** A path or a command line, cut at PATH_MAX characters. */
export const LONG_TEXT: ValueType = {type: 'string', maxLength: 4096};

export function oneOf(values: readonly (string | number)[]): ValueType {
  return {enum: values};
}

function compileText({maxLength = Infinity, pattern}: TextType): Check {
  const regex = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  return (value) =>
    typeof value === 'string' && value.length <= maxLength && (regex === undefined || regex.test(value));
}

export function compileCheck(type: ValueType): Check {
  if ('enum' in type) return (value) => type.enum.some((it) => it === value);
  if (type.type === 'string') return compileText(type);
  const {minimum, maximum} = type;
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum;
}
