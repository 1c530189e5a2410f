import type { Identity } from './ports.ts'

/** A device that has nothing but its cluster's key: it can prove nothing and verifies nothing. */
export function keyIdentity(clusterId: string, key: string): Identity {
  return { kind: 'key', clusterId, hello: () => ({ key }), prove: () => null }
}
