import { opusPage } from '../../codec/index.ts'
import type { Wire } from '../../rooms/wire.ts'

/** MP3 frames one after the other; no reservoir, so any frame may follow any other. */
export const mp3Wire: Wire = {
  id: 'mp3',
  encode: (frames) => (frames.length === 1 ? frames[0]!.data : Buffer.concat(frames.map(({ data }) => data))),
}

/** One Ogg page for each packet; the header pages are the listener's own and go before. */
export const oggWire: Wire = {
  id: 'ogg',
  encode: (frames) => Buffer.concat(frames.map(({ data, frameIndex }) => opusPage(data, frameIndex))),
}
