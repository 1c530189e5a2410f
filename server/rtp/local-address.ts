import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

type Interfaces = ReturnType<typeof networkInterfaces>

/** An interface of this machine as a multicast socket wants it. */
export interface LocalInterface {
  /** IPv4: an address of the interface. IPv6: `::%` and its name. */
  readonly multicastAddress: string
  readonly address: string
}

/**
 * @param wanted name (`eth0`) or address of an interface
 * @returns undefined when there is none, or it has no address of the family
 */
export function findInterface(wanted: string, family: 4 | 6, interfaces: Interfaces = networkInterfaces()): LocalInterface | undefined {
  for (const [name, addresses = []] of Object.entries(interfaces)) {
    if (isIP(wanted) === 0 ? name !== wanted : !addresses.some(({ address }) => address === wanted)) continue
    const own = addresses.find(({ address, family: one }) => one === `IPv${String(family)}` && (isIP(wanted) !== family || address === wanted))
    if (own !== undefined) return { multicastAddress: family === 4 ? own.address : `::%${name}`, address: own.address }
  }
  return undefined
}

/** The address under which receivers know this machine, as far as it can be told from here. */
export function originAddress(wanted: string | null, family: 4 | 6, interfaces: Interfaces = networkInterfaces()): string {
  const chosen = wanted === null ? undefined : findInterface(wanted, family, interfaces)?.address
  if (chosen !== undefined) return chosen
  const all = Object.values(interfaces).flatMap((addresses) => addresses ?? [])
  const outside = all.find(({ family: one, internal, address }) => one === `IPv${String(family)}` && !internal && !address.startsWith('fe80:'))
  return outside?.address ?? (family === 4 ? '127.0.0.1' : '::1')
}
