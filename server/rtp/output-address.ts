import { BlockList, isIP, isIPv6 } from 'node:net'
import type { RtpAddress, RtpOutputRecord } from '../../control/ports.ts'

interface Family {
  /** Where no stream may go, whatever the mode. */
  readonly nobody: BlockList
  readonly groups: BlockList
}

/** A list of each family: Node takes an IPv4 address for one of `::ffff:0:0/96`. */
const FAMILIES: Readonly<Record<'ipv4' | 'ipv6', Family>> = { ipv4: { nobody: new BlockList(), groups: new BlockList() }, ipv6: { nobody: new BlockList(), groups: new BlockList() } }
FAMILIES.ipv4.nobody.addSubnet('0.0.0.0', 8, 'ipv4') // this network
FAMILIES.ipv4.nobody.addSubnet('224.0.0.0', 24, 'ipv4') // routers talk to each other here (RFC 5771, 4)
FAMILIES.ipv4.nobody.addSubnet('240.0.0.0', 4, 'ipv4') // reserved, and broadcast
FAMILIES.ipv4.groups.addSubnet('224.0.0.0', 4, 'ipv4')
FAMILIES.ipv6.nobody.addSubnet('::', 96, 'ipv6') // unspecified, and IPv4 inside IPv6; ::1 is let through below
FAMILIES.ipv6.nobody.addSubnet('::ffff:0:0', 96, 'ipv6')
FAMILIES.ipv6.nobody.addSubnet('fe80::', 10, 'ipv6') // means something on one interface only
FAMILIES.ipv6.groups.addSubnet('ff00::', 8, 'ipv6')

/** Groups of IPv6 that belong to all nodes, all routers and the like (RFC 4291, 2.7.1): nothing but a small number after the scope. */
const WELL_KNOWN_IPV6 = /^ff[0-9a-f]{2}::(?:[0-9a-f]{1,2})?$/

/**
 * Whether an output may send there. A group must be one that outputs may use; a receiver may stand in any network, private ones above all,
 * because it gets nothing before it has proved that it is there.
 */
export function outputAddress(mode: RtpOutputRecord['mode'], address: string): RtpAddress {
  if (isIP(address) === 0 || address.includes('%')) return { fault: 'not-an-address' }
  // The URL parser writes every IPv6 address in one form.
  const canonical = isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
  const family = isIPv6(canonical) ? 'ipv6' : 'ipv4'
  const isGroup = FAMILIES[family].groups.check(canonical, family)
  if (mode === 'multicast' && !isGroup) return { fault: 'not-a-group' }
  if (mode === 'unicast' && isGroup) return { fault: 'a-group' }
  if (canonical !== '::1' && (FAMILIES[family].nobody.check(canonical, family) || WELL_KNOWN_IPV6.test(canonical))) return { fault: 'reserved' }
  return { canonical }
}
