/** ffmpeg's demuxer for a MIME type; null when the bytes have to tell. */
export function demuxerOf(contentType: string): string | null {
  switch (contentType.split(';', 1)[0]!.trim().toLowerCase()) {
    case 'audio/mpeg':
    case 'audio/mp3':
    case 'audio/mpeg3': return 'mp3'
    case 'audio/aac':
    case 'audio/aacp':
    case 'audio/x-aac': return 'aac'
    case 'audio/ogg':
    case 'application/ogg':
    case 'audio/opus':
    case 'audio/vorbis':
    case 'audio/x-ogg': return 'ogg'
    case 'audio/flac':
    case 'audio/x-flac': return 'flac'
    case 'video/x-flv': return 'flv'
    default: return null
  }
}

/**
 * ffmpeg's demuxer for a stream that begins with these bytes; null when they say nothing, as when it is entered in the
 * middle. To be believed before the MIME type: AAC is often sent as audio/mpeg.
 */
export function sniffDemuxer(bytes: Buffer): string | null {
  if (bytes.length < 4) return null
  const tag = bytes.toString('latin1', 0, 4)
  if (tag === 'OggS') return 'ogg'
  if (tag === 'fLaC') return 'flac'
  if (tag === 'RIFF') return 'wav'
  if (tag === '\x1a\x45\xdf\xa3') return 'matroska'
  if (tag.startsWith('FLV')) return 'flv'
  if (tag.startsWith('ID3')) return 'mp3'
  if (bytes[0] !== 0xff) return null
  // ADTS has 12 bits of sync and layer 0, MPEG audio 11 bits and layer III as 1 (ISO 11172-3 2.4.2.3, 13818-7 6.2).
  const layer = (bytes[1]! >> 1) & 3
  if ((bytes[1]! & 0xf0) === 0xf0 && layer === 0) return 'aac'
  return (bytes[1]! & 0xe0) === 0xe0 && layer === 1 ? 'mp3' : null
}
