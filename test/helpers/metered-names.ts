/** Names of processes whose metrics tests compare with events. They end in a pid, because tests trace the whole host. */

const OWN = String(process.pid);

export const NAME = `metered${OWN}`;

/** Up to 15 bytes each. */
export const HOSTILE_NAMES: Readonly<Record<string, Buffer>> = {
  quotes: Buffer.from(`"} 1\\n${OWN}`),
  'line feeds': Buffer.from(`a\n# x\r${OWN}`),
  'invalid UTF-8': Buffer.concat([Buffer.from('61ff80c3', 'hex'), Buffer.from(OWN)]),
};
