/** Returns true for addresses in 127.0.0.0/8, also as IPv4-mapped IPv6 addresses, and for ::1. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
