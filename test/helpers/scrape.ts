/** Reads the metrics that a running tcptrace serves. */
import assert from 'node:assert/strict';
import {parseExposition, type Sample} from './exposition.js';

/** Returns the URL that tcptrace printed at its start. */
export function metricsUrl(stderr: string): string {
  const url = /^tcptrace: metrics at (http:\S+)$/m.exec(stderr)?.[1];
  assert.ok(url !== undefined, stderr);
  return url;
}

export async function scrapeText(url: string): Promise<string> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  return response.text();
}

export async function scrape(url: string): Promise<readonly Sample[]> {
  return parseExposition(await scrapeText(url));
}
