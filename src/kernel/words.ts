/** A batch of records, viewed as bytes and as integers in the machine's byte order. */
export interface Words {
  readonly bytes: Buffer;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
const LOW = LITTLE_ENDIAN ? 0 : 1;
const HIGH = 1 - LOW;

/** Creates views of records; copies them only if they are not aligned to 4 bytes. */
export function viewWords(records: Buffer): Words {
  const bytes = records.byteOffset % 4 === 0 ? records : Buffer.from(new Uint8Array(records).buffer);
  return {
    bytes,
    u16: new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1),
    u32: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2),
  };
}

/** Reads the 8-bit integer at a byte offset; the functions below read wider ones. */
export function u8({bytes}: Words, offset: number): number {
  return bytes[offset] as number;
}

export function u16(words: Words, offset: number): number {
  return words.u16[offset >> 1] as number;
}

export function u32(words: Words, offset: number): number {
  return words.u32[offset >> 2] as number;
}

const HEX = Array.from({length: 256}, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex8(byte: number): string {
  return HEX[byte & 255] as string;
}

function hex32(word: number): string {
  return hex8(word >>> 24) + hex8(word >>> 16) + hex8(word >>> 8) + hex8(word);
}

/** Formats a 64-bit integer as 16 hexadecimal digits. */
export function hex64(words: Words, offset: number): string {
  const index = offset >> 2;
  return hex32(words.u32[index + HIGH] as number) + hex32(words.u32[index + LOW] as number);
}

/** Reads a 64-bit integer without a BigInt; exact below 2^53. */
export function u64(words: Words, offset: number): number {
  const index = offset >> 2;
  return (words.u32[index + LOW] as number) + (words.u32[index + HIGH] as number) * 0x1_0000_0000;
}
