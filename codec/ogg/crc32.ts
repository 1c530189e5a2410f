/** Polynomial of Ogg's page checksum (RFC 3533, 6: field `CRC_checksum`): not reflected, start and final value 0. */
const POLYNOMIAL = 0x04c11db7

const TABLE = makeTable()

function makeTable(): Uint32Array {
  const table = new Uint32Array(256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte << 24
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x80000000) === 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL
    table[byte] = crc >>> 0
  }
  return table
}

/** Checksum of `bytes[from, to)`, continuing from `crc` (0 to begin). */
export function oggCrc32(bytes: Uint8Array, from: number, to: number, crc = 0): number {
  let value = crc
  // Both indexes stay inside their arrays: `i` by the loop, the table's by the mask.
  for (let i = from; i < to; i += 1) value = (value << 8) ^ (TABLE[((value >>> 24) ^ (bytes[i] as number)) & 0xff] as number)
  return value >>> 0
}
