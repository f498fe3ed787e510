/** Parses CSV strictly by RFC 4180; throws at a misplaced quote. */
export function parse(text: string): string[][] {
  const rows: string[][] = [];
  const cell = /("(?:[^"]|"")*"|[^",\n]*)(,|\n)/gy;
  for (let row: string[] = []; cell.lastIndex < text.length;) {
    const at = cell.lastIndex;
    const [, value = '', end] = cell.exec(text) ?? [];
    if (end === undefined) throw new Error(`no cell: ${text.slice(at, at + 40)}`);
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end !== '\n') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
