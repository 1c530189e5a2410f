import { PcmFile } from '../outputs/pcm-file.ts'
import { aplay, ProgramOutput, pwCat } from '../outputs/program.ts'
import { VirtualCard } from '../outputs/virtual-card.ts'
import { systemLocalClock } from '../clock/system-local-clock.ts'
import type { LocalClock, Output } from '../ports.ts'
import type { CliOptions } from './options.ts'

const STANDARD_OUTPUT = 1
/** Of cards that are not there. */
const QUEUE_MS = 60

export interface MadeOutput {
  readonly output: Output
  /** The virtual card behind it, when there is one. */
  readonly card: VirtualCard | null
}

/** Opens what the command line names. */
export function makeOutput({ output, ppm, queueMs = QUEUE_MS }: CliOptions, clock: LocalClock, onEnd: (reason: string) => void): MadeOutput {
  const trueClock = systemLocalClock()
  const virtual = (sink?: (pcm: Float32Array) => void): VirtualCard =>
    new VirtualCard({ trueMs: () => trueClock.monotonicMs(), local: clock, ppm, queueMs, bufferMs: queueMs * 4, ...(sink === undefined ? {} : { sink }) })
  switch (output.kind) {
    case 'null': {
      const card = virtual()
      return { output: card, card }
    }
    case 'wav':
    case 'raw':
      return closing(new PcmFile(output.file, output.kind === 'wav'), virtual)
    case 'pipe':
      return closing(new PcmFile(STANDARD_OUTPUT, false), virtual)
    case 'aplay':
      return { output: new ProgramOutput({ ...aplay(output.device), clock, onEnd }), card: null }
    case 'pw-cat':
      return { output: new ProgramOutput({ ...pwCat(output.device), clock, onEnd }), card: null }
  }
}

function closing(file: PcmFile, virtual: (sink: (pcm: Float32Array) => void) => VirtualCard): MadeOutput {
  const card = virtual((pcm) => { file.write(pcm) })
  return {
    card,
    output: {
      queueMs: card.queueMs,
      write: (block, samples) => { card.write(block, samples) },
      position: () => card.position(),
      close: async () => {
        await card.close()
        file.close()
      },
    },
  }
}
