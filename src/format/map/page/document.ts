/** The page of a map as one HTML document, which loads nothing. */
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import type {PageState} from './state.js';

/** Reads a file that scripts/bundle-page.ts writes. */
function readAsset(name: string): string {
  return readFileSync(new URL(import.meta.resolve(`#page/${name}`)), 'utf8');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

export interface PageDocument {
  readonly html: string;
  /** The Content-Security-Policy, which the document also contains. */
  readonly policy: string;
}

/** Formats data for a script element: no text of it can close the element. */
function formatData(data: object): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

/** @param state undefined is a live page, which receives its data from `events`, a path beside its own */
export function formatDocument(state: PageState | undefined): PageDocument {
  const [script, style, body] = ['page.js', 'page.css', 'page.html'].map(readAsset) as [
    string,
    string,
    string,
  ];
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    ...(state === undefined ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  // Cytoscape adds a style element, which the policy would refuse, unless it finds one of this id
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>tcptrace map</title>
<link rel="icon" href="data:,">
<style id="__________cytoscape_stylesheet">${style}</style>
</head>
<body>
${body}
<script type="application/json" id="data">${formatData(state ?? {live: true})}</script>
<script>${script}</script>
</body>
</html>
`;
  return {html, policy};
}
