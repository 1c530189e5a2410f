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
