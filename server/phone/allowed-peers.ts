import { BlockList, isIP } from 'node:net'

/**
 * Which addresses may call directly.
 * @param networks such as 10.1.0.0/16, or single addresses
 * @throws RangeError when one is no address and no network
 */
export function allowedPeers(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const text of networks) {
    const [address = '', bits] = text.split('/', 2)
    const family = isIP(address)
    const most = family === 6 ? 128 : 32
    const prefix = bits === undefined ? most : Number(bits)
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most) throw new RangeError(`'${text}' is no address and no network`)
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4')
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
