const EXIF_MARKER = 0xe1
const START_OF_SCAN = 0xda
const ORIENTATION_TAG = 0x0112

/** How a JPEG is to be turned so that it stands upright (EXIF 2.32, 4.6.4), 1 to 8; 1 where nothing is said or nothing can be read. */
export function orientationOf(jpeg: Buffer): number {
  try {
    for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== START_OF_SCAN; at += 2 + jpeg.readUInt16BE(at + 2)) {
      if (jpeg[at + 1] === EXIF_MARKER && jpeg.toString('latin1', at + 4, at + 10) === 'Exif\0\0') return inTiff(jpeg.subarray(at + 10, at + 2 + jpeg.readUInt16BE(at + 2)))
    }
  } catch (error) {
    // What points outside of the file says nothing.
    if (!(error instanceof RangeError)) throw error
  }
  return 1
}

function inTiff(tiff: Buffer): number {
  const isLittle = tiff.toString('latin1', 0, 2) === 'II'
  const short = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const first = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  for (let entry = 0; entry < short(first); entry++) {
    const at = first + 2 + entry * 12
    if (short(at) !== ORIENTATION_TAG) continue
    const value = short(at + 8)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}
