/** Parses the text format of Prometheus. */
import assert from 'node:assert/strict';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LABEL = /([a-z_]+)="((?:[^"\\]|\\.)*)",?/gs;
const ESCAPED: Readonly<Record<string, string>> = {n: '\n', '"': '"', '\\': '\\'};

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, char: string) => {
    const value = ESCAPED[char];
    assert.ok(value !== undefined, `invalid escape in ${text}`);
    return value;
  });
}

function parseLabels(text: string): Readonly<Record<string, string>> {
  assert.equal(text.replaceAll(LABEL, ''), '', text);
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [name, unescape(value)]),
  );
}

/** Parses all samples; fails for a line that is none. */
export function parseExposition(text: string): readonly Sample[] {
  assert.ok(text.endsWith('\n'));
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
  return lines.map((line) => {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? [];
    assert.ok(name !== '', `not a sample: ${line}`);
    return {name, labels: parseLabels(labels), value: value === '+Inf' ? Infinity : Number(value)};
  });
}

/** Sums the samples of a name that have these labels. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
    .reduce((sum, {value}) => sum + value, 0);
}
