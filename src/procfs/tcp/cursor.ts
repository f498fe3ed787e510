/** Parses ASCII text in a Buffer without creating strings. */
const SPACE = 0x20;

/** Values of hexadecimal digits; 255 for other characters. */
const HEX = new Uint8Array(256).fill(255);
for (const [value, digit] of '0123456789abcdef'.split('').entries()) {
  HEX[digit.charCodeAt(0)] = value;
  HEX[digit.toUpperCase().charCodeAt(0)] = value;
}

export class Cursor {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  set(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Skips a character; returns false if another comes next. */
  skip(character: number): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  /** Skips spaces; returns false if none comes next. */
  skipSpaces(): boolean {
    const from = this.#at;
    while (this.#peek() === SPACE) this.#at += 1;
    return this.#at > from;
  }

  /** Skips spaces and a word; returns false if they do not come next. */
  skipWord(): boolean {
    if (!this.skipSpaces()) return false;
    const from = this.#at;
    while (this.#at < this.#end && this.#peek() !== SPACE) this.#at += 1;
    return this.#at > from;
  }

  /** Reads a hexadecimal number of exactly `digits` digits, at most 8; -1 if none comes next. */
  hex(digits: number): number {
    let value = 0;
    for (let i = 0; i < digits; i++) {
      const digit = HEX[this.#peek()] ?? 255;
      if (digit > 15) return -1;
      value = (value << 4) | digit;
      this.#at += 1;
    }
    return value >>> 0;
  }

  /** Reads a decimal number; -1 if none comes next or it exceeds 2^53 - 1. */
  decimal(): number {
    const from = this.#at;
    let value = 0;
    for (; this.#at < this.#end; this.#at++) {
      const digit = HEX[this.#peek()] ?? 255;
      if (digit > 9) break;
      value = value * 10 + digit;
    }
    return this.#at === from || value > Number.MAX_SAFE_INTEGER ? -1 : value;
  }

  isAtWordEnd(): boolean {
    return this.#at === this.#end || this.#peek() === SPACE;
  }

  /** Next character; 0 at the end. */
  #peek(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at] as number) : 0;
  }
}
