import { spawn } from 'node:child_process'
import { isAbsolute } from 'node:path'
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { Errors } from 'typebox/schema'
import { checkerOf } from './checker.ts'
import type { CommandResult, HookCommand, Hooks, LocalClock, Readings, TimerHandle } from './ports.ts'

const Executable = Type.Object({
  /** Absolute path: nothing is looked for in PATH. */
  file: Type.String({ minLength: 2, maxLength: 4096 }),
  arguments: Type.Optional(Type.Array(Type.String({ maxLength: 4096 }), { maxItems: 64 })),
  timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 60_000 })),
}, { additionalProperties: false })

export const hooksConfigType = Type.Object({
  /** Given one more argument: the frequency in kHz, such as `98500`. */
  'set-frequency': Type.Optional(Executable),
  /** Given one more argument: `on` or `off`. */
  amplifier: Type.Optional(Executable),
  reboot: Type.Optional(Executable),
  /** Switches over to another way of the same programme: given `on` or `off`. */
  fallback: Type.Optional(Executable),
  /** Prints a number: line current, or the level at a microphone. */
  level: Type.Optional(Executable),
  /** Sound is there when `level` prints this or more. */
  levelThreshold: Type.Optional(Type.Number()),
  /** Prints a word, such as `mains` or `battery`. */
  power: Type.Optional(Executable),
  /** Prints °C. */
  temperature: Type.Optional(Executable),
  /** Prints dBm. */
  signal: Type.Optional(Executable),
}, { additionalProperties: false })
export type HooksConfig = Static<typeof hooksConfigType>
type HookName = Exclude<keyof HooksConfig, 'levelThreshold'>

const hooksSchema = checkerOf(hooksConfigType)

const DEFAULT_TIMEOUT_MS = 5000
const MAX_OUTPUT_BYTES = 4096
const READ_EVERY_MS = 10_000
/** What proves sound is looked at more often than the weather. */
const LEVEL_EVERY_MS = 1000
/** As in server/protocol.md, «Commands». */
const FM_BAND_KHZ = { min: 50_000, max: 110_000 } as const
/** A hook gets these and nothing of the agent's own environment. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }

/** @throws Error naming what cannot be used */
export function parseHooks(config: unknown): HooksConfig {
  if (!hooksSchema.Check(config)) {
    const [, [first]] = Errors(hooksConfigType, config)
    throw new Error(`hooks${first?.instancePath ?? ''} ${first?.message ?? 'cannot be used'}`)
  }
  for (const [name, hook] of Object.entries(config)) {
    if (typeof hook === 'object' && !isAbsolute(hook.file)) throw new Error(`hooks.${name}.file must be an absolute path`)
  }
  if ((config.level === undefined) !== (config.levelThreshold === undefined)) throw new Error('hooks.level and hooks.levelThreshold belong together')
  return config
}

/**
 * The board's own switches and sensors: executables named in the agent's configuration, each with its fixed arguments and at most one
 * more that is made here of a number in its bounds or of `on` and `off`. They are started without a shell and without the agent's
 * environment, one at a time each, and ended when they take too long. Nothing that comes over the network can name a program or put
 * text on a command line.
 */
export class ExecutableHooks implements Hooks {
  readonly #config: HooksConfig
  readonly #clock: LocalClock
  readonly #running = new Set<HookName>()
  readonly #timers = new Map<HookName, TimerHandle>()
  readonly #children = new Set<number>()
  #readings: Readings = {}
  #closed = false
  /** Called when a sensor says something else than before. */
  onChange: () => void = () => undefined

  constructor(config: HooksConfig, clock: LocalClock) {
    this.#config = config
    this.#clock = clock
    this.#watch('level', LEVEL_EVERY_MS, (text, heardFromMs) => ({ heard: numberIn(text) >= (config.levelThreshold ?? Infinity), heardFromMs }))
    this.#watch('power', READ_EVERY_MS, (text) => ({ power: text.slice(0, 64) }))
    this.#watch('temperature', READ_EVERY_MS, (text) => ({ temperatureC: numberIn(text) }))
    this.#watch('signal', READ_EVERY_MS, (text) => ({ signalDbm: numberIn(text) }))
  }

  async run(command: HookCommand, argument: Readonly<Record<string, unknown>>): Promise<CommandResult> {
    let last: string[] = []
    switch (command) {
      case 'set-frequency': {
        const { frequencyKhz } = argument
        if (typeof frequencyKhz !== 'number' || !Number.isInteger(frequencyKhz) || frequencyKhz < FM_BAND_KHZ.min || frequencyKhz > FM_BAND_KHZ.max) {
          return { result: 'refused', reason: `frequencyKhz must be a whole number from ${String(FM_BAND_KHZ.min)} to ${String(FM_BAND_KHZ.max)}` }
        }
        last = [String(frequencyKhz)]
        break
      }
      case 'amplifier':
        if (typeof argument['on'] !== 'boolean') return { result: 'refused', reason: 'on must be true or false' }
        last = [argument['on'] ? 'on' : 'off']
        break
      case 'reboot':
        break
    }
    const result = await this.#command(command, last)
    if (command === 'amplifier' && result.result === 'done') this.#note({ amplifier: argument['on'] === true })
    return result
  }

  /** The way over which the same programme comes without the network. @returns whether it is there now */
  async fallback(isOn: boolean): Promise<boolean> {
    return (await this.#command('fallback', [isOn ? 'on' : 'off'])).result === 'done'
  }

  get hasFallback(): boolean {
    return this.#config.fallback !== undefined
  }

  readings(): Readings {
    return this.#readings
  }

  /** Ends what is running. Idempotent. */
  close(): void {
    this.#closed = true
    for (const timer of this.#timers.values()) timer.cancel()
    for (const pid of this.#children) killGroup(pid)
  }

  async #command(name: HookName, last: readonly string[]): Promise<CommandResult> {
    if (this.#config[name] === undefined) return { result: 'refused', reason: `no hook is configured for ${name}` }
    if (this.#running.has(name)) return { result: 'failed', reason: `the hook ${name} is still running` }
    try {
      await this.#execute(name, last)
      return { result: 'done' }
    } catch (error) {
      return { result: 'failed', reason: (error as Error).message }
    }
  }

  #watch(name: HookName, everyMs: number, read: (text: string, askedMs: number) => Readings): void {
    if (this.#config[name] === undefined) return
    const look = async (): Promise<void> => {
      try {
        const askedMs = this.#clock.monotonicMs()
        this.#note(read((await this.#execute(name, [])).trim(), askedMs))
      } catch {
        // A sensor that says nothing is no longer known; an old word would be a lie.
        this.#forget(name)
      }
      if (!this.#closed) this.#timers.set(name, this.#clock.setTimer(everyMs, () => void look()))
    }
    void look()
  }

  #note(readings: Readings): void {
    const before = inWords(this.#readings)
    this.#readings = { ...this.#readings, ...readings }
    if (inWords(this.#readings) !== before) this.onChange()
  }

  #forget(name: HookName): void {
    const field = { level: 'heard', power: 'power', temperature: 'temperatureC', signal: 'signalDbm' }[name as 'level']
    if (!(field in this.#readings)) return
    this.#readings = Object.fromEntries(Object.entries(this.#readings).filter(([key]) => key !== field && (field !== 'heard' || key !== 'heardFromMs')))
    this.onChange()
  }

  /** @returns what it printed. @throws Error when it cannot be started, fails, or takes too long */
  #execute(name: HookName, last: readonly string[]): Promise<string> {
    const hook = this.#config[name]!
    this.#running.add(name)
    return new Promise<string>((resolve, reject) => {
      // A group of its own, so that what it starts ends with it.
      const child = spawn(hook.file, [...(hook.arguments ?? []), ...last], { shell: false, detached: true, stdio: ['ignore', 'pipe', 'ignore'], env: ENVIRONMENT, cwd: '/' })
      const { pid } = child
      if (pid !== undefined) this.#children.add(pid)
      let output = ''
      let timedOut = false
      child.stdout.on('data', (chunk: Buffer) => {
        if (output.length < MAX_OUTPUT_BYTES) output += chunk.toString('utf8')
      })
      const limit = this.#clock.setTimer(hook.timeoutMs ?? DEFAULT_TIMEOUT_MS, () => {
        timedOut = true
        if (pid !== undefined) killGroup(pid)
        child.stdout.destroy() // somebody who left the group may hold it
      })
      child.once('exit', () => {
        if (pid !== undefined) killGroup(pid)
      })
      const over = (error: Error | null): void => {
        limit.cancel()
        if (pid !== undefined) this.#children.delete(pid)
        this.#running.delete(name)
        if (error === null) resolve(output.slice(0, MAX_OUTPUT_BYTES))
        else reject(error)
      }
      child.once('error', (error) => {
        over(new Error(`the hook ${name} cannot be started: ${error.message}`))
      })
      child.once('close', (code, signal) => {
        over(code === 0 && !timedOut ? null : new Error(timedOut ? `the hook ${name} took too long` : `the hook ${name} ended with ${String(code ?? signal)}`))
      })
    })
  }
}

/** What sensors say, without when they were asked. */
const inWords = (readings: Readings): string => JSON.stringify({ ...readings, heardFromMs: undefined })

function numberIn(text: string): number {
  const value = Number(text)
  if (text === '' || !Number.isFinite(value)) throw new Error('not a number')
  return value
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}
