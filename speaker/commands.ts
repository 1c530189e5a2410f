import type { Level } from './play-out/level.ts'
import type { PlayOut } from './play-out/play-out.ts'
import type { CommandResult, Hooks, VerifiedCommand } from './ports.ts'

const MAX_OFFSET_MS = 2000
const IDENTIFY_MS = { usual: 3000, min: 500, max: 60_000 } as const
const FREQUENCY_KHZ = { min: 50_000, max: 110_000 } as const

const DONE: CommandResult = { result: 'done' }
const refused = (reason: string): CommandResult => ({ result: 'refused', reason })

export interface CommandTargets {
  readonly level: Level
  readonly playOut: PlayOut
  readonly hooks: Hooks
  restartStream(): void
  /** Null: nothing is kept on this device. */
  readonly refreshBundle: (() => Promise<CommandResult>) | null
}

/** Carries out a command. Arguments are numbers and switches; whatever else they are is refused. Never throws. */
export async function runCommand({ command, arguments: given }: Pick<VerifiedCommand, 'command' | 'arguments'>, targets: CommandTargets): Promise<CommandResult> {
  try {
    switch (command) {
      case 'volume':
        if (!isIn(given['percent'], 0, 100)) return refused('percent must be from 0 to 100')
        targets.level.volumePercent = given['percent']
        return DONE
      case 'mute':
        if (typeof given['muted'] !== 'boolean') return refused('muted must be true or false')
        targets.level.muted = given['muted']
        return DONE
      case 'identify':
        targets.level.identify(isIn(given['durationMs'], IDENTIFY_MS.min, IDENTIFY_MS.max) ? given['durationMs'] : IDENTIFY_MS.usual)
        return DONE
      case 'set-offset':
        if (!isIn(given['offsetMs'], -MAX_OFFSET_MS, MAX_OFFSET_MS)) return refused(`offsetMs must be from -${String(MAX_OFFSET_MS)} to ${String(MAX_OFFSET_MS)}`)
        targets.playOut.offsetMs = given['offsetMs']
        return DONE
      case 'restart-stream':
        targets.restartStream()
        return DONE
      case 'set-frequency':
        if (!isIn(given['frequencyKhz'], FREQUENCY_KHZ.min, FREQUENCY_KHZ.max)) return refused('frequencyKhz is not of an FM band')
        return await targets.hooks.run('set-frequency', { frequencyKhz: given['frequencyKhz'] })
      case 'amplifier':
        if (typeof given['on'] !== 'boolean') return refused('on must be true or false')
        return await targets.hooks.run('amplifier', { on: given['on'] })
      case 'reboot':
        return await targets.hooks.run('reboot', {})
      case 'refresh-bundle':
        return targets.refreshBundle === null ? refused('this device keeps no bundle') : await targets.refreshBundle()
      default:
        return refused('no such command')
    }
  } catch (error) {
    return { result: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

const isIn = (value: unknown, min: number, max: number): value is number => typeof value === 'number' && value >= min && value <= max
