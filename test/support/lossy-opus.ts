import { spawnSync } from 'node:child_process'
import { OpusPacketReader } from '../../codec/index.ts'
import { rmsDb } from './spectrum.ts'

/** Opus packets of sound as a telephone or a browser sends it over a network that loses packets: each may hold a copy of the one before. */
export function fecPackets(pcm: Float32Array, frameMs = 20): Buffer[] {
  const args = ['-v', 'error', '-f', 'f32le', '-ar', '48000', '-ac', '1', '-i', 'pipe:0', '-c:a', 'libopus', '-application', 'voip', '-b:a', '32k', '-frame_duration', String(frameMs), '-fec', '1', '-packet_loss', '15', '-f', 'ogg', 'pipe:1']
  const result = spawnSync('ffmpeg', args, { input: Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength), maxBuffer: 1 << 24 })
  if (result.status !== 0) throw new Error(`ffmpeg cannot encode Opus: ${String(result.error ?? result.stderr)}`)
  const packets: Buffer[] = []
  const reader = new OpusPacketReader({ onHead: () => undefined, onTags: () => undefined, onPacket: (packet) => { packets.push(Buffer.from(packet)) } })
  reader.push(result.stdout)
  reader.end()
  return packets
}

/** How far clean sound stands above what is wrong in the same sound as it was heard, sample on sample, dB. */
export const clearnessDb = (clean: Float32Array, heard: Float32Array): number => rmsDb(clean) - rmsDb(clean.map((sample, at) => sample - (heard[at] ?? 0)))

/** A packet of a sender that leaves out silence. */
export interface DtxPacket {
  readonly payload: Buffer
  /** Its first sample in the sound. */
  readonly at: number
  /** It comes after a pause. */
  readonly marker: boolean
}

/** Opus packets of sound as GStreamer's `opusenc dtx=true ! rtpopuspay dtx=true` sends them: where the encoder says that there is nothing to say (RFC 7587, 3.1.3) nothing is sent. */
export function dtxPackets(pcm: Float32Array, bitrateBps = 24_000): DtxPacket[] {
  const args = ['-q', 'fdsrc', '!', 'rawaudioparse', 'use-sink-caps=false', 'format=pcm', 'pcm-format=f32le', 'sample-rate=48000', 'num-channels=1', '!', 'audioconvert', '!', 'opusenc', 'dtx=true', 'audio-type=voice', `bitrate=${String(bitrateBps)}`, 'inband-fec=true', '!', 'oggmux', '!', 'fdsink']
  const result = spawnSync('gst-launch-1.0', args, { input: Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength), maxBuffer: 1 << 24 })
  if (result.status !== 0) throw new Error(`GStreamer cannot encode Opus: ${String(result.error ?? result.stderr)}`)
  const packets: DtxPacket[] = []
  let at = 0
  let paused = false
  const reader = new OpusPacketReader({ onHead: () => undefined, onTags: () => undefined, onPacket: (payload) => {
    if (payload.length > 2) packets.push({ payload: Buffer.from(payload), at, marker: paused })
    paused = payload.length <= 2
    at += 960
  } })
  reader.push(result.stdout)
  reader.end()
  return packets
}
