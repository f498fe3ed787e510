/** Reads names of ports from services(5). */
import {readText} from '../procfs/files.js';

/** Parses TCP services; the first name of a port counts. */
export function readServices(text = readText('/etc/services') ?? ''): ReadonlyMap<number, string> {
  const services = new Map<number, string>();
  for (const [, name = '', port] of text.matchAll(/^([^\s#]+)[ \t]+(\d+)\/tcp\b/gm))
    if (!services.has(Number(port))) services.set(Number(port), name);
  return services;
}
