import { parseArgs } from 'node:util'
import { normalisedPin } from '../client/ws-link.ts'

export type OutputChoice =
  | { readonly kind: 'null' | 'pipe' }
  | { readonly kind: 'wav' | 'raw'; readonly file: string }
  | { readonly kind: 'aplay' | 'pw-cat'; readonly device: string | undefined }

export interface CliOptions {
  readonly server: string
  readonly cluster: string | undefined
  readonly key: string | undefined
  readonly state: string | undefined
  readonly enrol: string | undefined
  readonly output: OutputChoice
  readonly format: string
  readonly ppm: number
  readonly clockPpm: number
  readonly offsetMs: number
  readonly volumePercent: number
  readonly emergencyVolumePercent: number
  readonly queueMs: number | undefined
  readonly pins: readonly string[]
  readonly tap: string | undefined
  readonly hooks: string | undefined
  readonly json: boolean
}

export const USAGE = `Plays one cluster's sound in step with its neighbours.

  loa-speaker --server ws://host:8010 --cluster ID --key KEY [options]
  loa-speaker --server wss://host:8010 --enrol CODE --state DIR      once, with the code from the console
  loa-speaker --server wss://host:8010 --state DIR [options]         an enrolled device

  --output WHAT          null (default), wav:FILE, raw:FILE, pipe (standard output), aplay, aplay:DEVICE,
                         pw-cat, pw-cat:NODE
  --format NAME          opus-16 to opus-64 (default opus-32)
  --volume N             percent, 0 to 100 (default 100)
  --emergency-volume N   an emergency is never quieter (default 80)
  --offset-ms N          plays so much later, -2000 to 2000 (default 0)
  --queue-ms N           sound kept waiting in a null, file or pipe output (default 60)
  --pin SHA256           of the server's certificate or public key; may be given more than once
  --ppm N                null, file and pipe: their crystal is faster by this
  --clock-ppm N          this device's clock is faster by this, for trying things out
  --hooks FILE           JSON with the board's own switches and sensors: see speaker/README.md
  --tap FILE             writes true time and place of what leaves, ten lines a second, for measuring
  --json                 one JSON object a line on standard error
`

/** @throws RangeError or TypeError, its message for people */
export function readOptions(args: readonly string[]): CliOptions | 'help' {
  const { values } = parseArgs({
    args: joinDashed(args),
    options: {
      server: { type: 'string' }, cluster: { type: 'string' }, key: { type: 'string' }, state: { type: 'string' }, enrol: { type: 'string' },
      output: { type: 'string', default: 'null' }, format: { type: 'string', default: 'opus-32' }, ppm: { type: 'string', default: '0' }, 'clock-ppm': { type: 'string', default: '0' },
      'offset-ms': { type: 'string', default: '0' }, volume: { type: 'string', default: '100' }, 'emergency-volume': { type: 'string', default: '80' }, 'queue-ms': { type: 'string' },
      pin: { type: 'string', multiple: true, default: [] }, tap: { type: 'string' }, hooks: { type: 'string' }, json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  if (values.server === undefined || !/^wss?:\/\//.test(values.server) || !URL.canParse(values.server)) throw new RangeError('--server must be a ws:// or wss:// address')
  if (values.enrol !== undefined && values.state === undefined) throw new RangeError('--enrol needs --state, where the device keeps its key')
  if (values.state === undefined && (values.cluster === undefined || values.key === undefined)) throw new RangeError('give --cluster and --key, or --state of an enrolled device')
  return {
    server: values.server,
    cluster: values.cluster,
    key: values.key,
    state: values.state,
    enrol: values.enrol,
    output: outputChoice(values.output),
    format: values.format,
    ppm: number('ppm', values.ppm, -1000, 1000),
    clockPpm: number('clock-ppm', values['clock-ppm'], -1000, 1000),
    offsetMs: number('offset-ms', values['offset-ms'], -2000, 2000),
    volumePercent: number('volume', values.volume, 0, 100),
    emergencyVolumePercent: number('emergency-volume', values['emergency-volume'], 0, 100),
    queueMs: values['queue-ms'] === undefined ? undefined : number('queue-ms', values['queue-ms'], 20, 500),
    pins: values.pin.map(normalisedPin),
    tap: values.tap,
    hooks: values.hooks,
    json: values.json,
  }
}

/** Options whose value may be any text of a secret. */
const SECRETS = ['--key', '--enrol', '--pin']

/** `--ppm -50` and a key with a dash before it are what people write; parseArgs takes them for options unless they are joined by `=`. */
function joinDashed(args: readonly string[]): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const before = joined.at(-1) ?? ''
    const isValue = SECRETS.includes(before) ? /^-[^-]/.test(arg) : /^-\d/.test(arg) && before.startsWith('--') && !before.includes('=')
    if (isValue) joined[joined.length - 1] = `${before}=${arg}`
    else joined.push(arg)
  }
  return joined
}

function outputChoice(text: string): OutputChoice {
  const [kind, ...more] = text.split(':')
  const rest = more.length === 0 ? undefined : more.join(':')
  if ((kind === 'null' || kind === 'pipe') && rest === undefined) return { kind }
  if ((kind === 'wav' || kind === 'raw') && rest !== undefined && rest !== '') return { kind, file: rest }
  // A name that begins with a dash would be read as an option of the program.
  if ((kind === 'aplay' || kind === 'pw-cat') && rest?.startsWith('-') !== true) return { kind, device: rest }
  throw new RangeError(`--output '${text}' is not one of null, wav:FILE, raw:FILE, pipe, aplay, aplay:DEVICE, pw-cat, pw-cat:NODE`)
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= min && value <= max) return value
  throw new RangeError(`--${name} must be from ${String(min)} to ${String(max)}`)
}
