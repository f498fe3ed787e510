/** Zones of link-local addresses (RFC 4007): the interface on which an address is valid. */

/** Returns true for addresses in fe80::/10. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address) && address.indexOf(':') === 4;
}

/**
 * Names an interface of a network namespace.
 *
 * @param pid a process that is or was in the namespace, if one is known
 */
export type NameZone = (ifindex: number, netns: number, pid: number) => string;

/** As ip(8) and ss(8) write an interface whose name is unknown. */
export const numberZone: NameZone = (ifindex) => String(ifindex);
