/** How events can be written. */
export const FORMATS = ['table', 'wide', 'ndjson', 'csv'] as const;

export type Format = (typeof FORMATS)[number];
