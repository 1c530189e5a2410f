import { BlockList, isIP, isIPv6 } from 'node:net'
import type { RtpOutputRecord } from './rtp-port.ts'
import { ApiError } from './problem.ts'
import { invalid } from './validation.ts'

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

const wrong = (path: string, message: string, messageVi: string): ApiError => invalid([{ path, message, messageVi }])

/**
 * The address of an output, in its canonical form. A group must be one that outputs may use; a receiver may stand in any network, private
 * ones above all, because it gets nothing before it has proved that it is there.
 */
export function checkRtpAddress(mode: RtpOutputRecord['mode'], address: string): string {
  if (isIP(address) === 0 || address.includes('%')) throw wrong('address', 'must be an IPv4 or IPv6 address', 'phải là địa chỉ IPv4 hoặc IPv6')
  // The URL parser writes every IPv6 address in one form.
  const canonical = isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
  const family = isIPv6(canonical) ? 'ipv6' : 'ipv4'
  const isGroup = FAMILIES[family].groups.check(canonical, family)
  if (mode === 'multicast' && !isGroup) throw wrong('address', 'must be a multicast group: 224.0.0.0/4 or ff00::/8', 'phải là nhóm multicast: 224.0.0.0/4 hoặc ff00::/8')
  if (mode === 'unicast' && isGroup) throw wrong('address', 'is a multicast group: use the mode multicast', 'là nhóm multicast: dùng chế độ multicast')
  if (canonical !== '::1' && (FAMILIES[family].nobody.check(canonical, family) || WELL_KNOWN_IPV6.test(canonical))) throw wrong('address', 'is reserved: no stream may go there', 'là địa chỉ dành riêng: không được phát tới đó')
  return canonical
}

/** What must fit together beyond what a schema can say. */
export function checkRtpOutput({ mode, codec, ptimeMs, sap }: Pick<RtpOutputRecord, 'mode' | 'codec' | 'ptimeMs' | 'sap'>): void {
  if (codec === 'opus' && ptimeMs === 10) throw wrong('ptimeMs', 'must be 20, 40 or 60 for opus', 'phải là 20, 40 hoặc 60 với opus')
  if (sap && mode === 'unicast') throw wrong('sap', 'must be false for unicast: there is nobody to announce it to', 'phải là false với unicast: không có ai để thông báo')
}

/** Two streams to one port would be noise; and RTCP of the one must not meet RTP of the other. */
export function checkRtpPortFree(all: readonly RtpOutputRecord[], address: string, port: number): void {
  const other = all.find((output) => output.address === address && Math.abs(output.port - port) <= 1)
  if (other !== undefined) throw new ApiError('LOA_ERR_IN_USE', `the output ${other.id} sends to ${address}, ports ${String(other.port)} and ${String(other.port + 1)}`, `đầu ra ${other.id} đang phát tới ${address}, cổng ${String(other.port)} và ${String(other.port + 1)}`)
}
