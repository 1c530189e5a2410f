import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { isPrivateAddress, literalAddress } from './private-address.ts'
import { SourceError } from './source-error.ts'

/** Gives the addresses at which a host may be reached, or throws. */
export type AddressCheck = (hostname: string) => Promise<readonly LookupAddress[]>

/** The check of checkedAddresses for one setting. */
export const addressCheck = (allowPrivate: boolean): AddressCheck => (hostname) => checkedAddresses(hostname, allowPrivate)

/**
 * All addresses of a host, checked. One private address among them refuses the host: its owner may answer so that we
 * reach inside at the second try.
 * @throws SourceError `SOURCE_ERR_RESOLVE`, `SOURCE_ERR_PRIVATE_ADDRESS`
 */
export async function checkedAddresses(hostname: string, allowPrivate: boolean): Promise<readonly LookupAddress[]> {
  const literal = literalAddress(hostname)
  const addresses = literal === undefined ? await resolveAll(hostname) : [{ address: literal, family: isIP(literal) }]
  if (!allowPrivate && addresses.some(({ address }) => isPrivateAddress(address))) {
    throw new SourceError('SOURCE_ERR_PRIVATE_ADDRESS', `${hostname} leads to a private address; set allowPrivateSources to relay from inside your own network`)
  }
  return addresses
}

/** A `lookup` for sockets that answers with the addresses that were checked and with nothing else, so that no second question to the DNS can change them. */
export function pinnedLookup(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all === true) callback(null, [...addresses])
    else callback(null, addresses[0]!.address, addresses[0]!.family)
  }
}

function resolveAll(hostname: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    dnsLookup(hostname, { all: true }, (error, addresses) => {
      if (error === null && addresses.length > 0) resolve(addresses)
      else reject(new SourceError('SOURCE_ERR_RESOLVE', `${hostname} has no address (${error?.code ?? 'empty answer'})`))
    })
  })
}
