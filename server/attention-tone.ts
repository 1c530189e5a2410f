import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { attentionTone as builtInTone, DEFAULT_ATTENTION_TONE, fadeOut, SAMPLE_RATE_HZ, s16leToFloat } from '../codec/index.ts'
import type { Config } from './config.ts'

const MAX_PCM_BYTES = 64 * 1024 * 1024

const FADE_SAMPLES = 960

/**
 * The attention tone as PCM of at most `attentionToneMs`: the built-in one, or the operator's file, cut with a fade.
 * @throws when the file cannot be decoded; a server that would start an emergency without its tone does not start.
 */
export async function attentionTone(config: Pick<Config, 'attentionToneFile' | 'attentionToneMs' | 'ffmpegPath'>): Promise<Float32Array> {
  const durationMs = config.attentionToneMs
  if (config.attentionToneFile === '') return builtInTone({ ...DEFAULT_ATTENTION_TONE, durationMs })
  const { stdout } = await promisify(execFile)(config.ffmpegPath, ['-nostdin', '-v', 'error', '-i', config.attentionToneFile, '-f', 's16le', '-ac', '1', '-ar', String(SAMPLE_RATE_HZ), '-'], { encoding: 'buffer', maxBuffer: MAX_PCM_BYTES })
  const pcm = s16leToFloat(stdout).slice(0, Math.round((durationMs * SAMPLE_RATE_HZ) / 1000))
  fadeOut(pcm, Math.min(FADE_SAMPLES, pcm.length) - pcm.length, Math.min(FADE_SAMPLES, pcm.length))
  return pcm
}
