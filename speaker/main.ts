import { join } from 'node:path'
import process from 'node:process'
import { pino } from 'pino'
import { Agent, type AgentEvent } from './agent.ts'
import { makeOutput } from './cli/make-output.ts'
import { openParts } from './cli/open-parts.ts'
import { readOptions, USAGE, type CliOptions } from './cli/options.ts'
import { startTap } from './cli/tap.ts'
import { version } from './cli/version.ts'
import { wsConnect } from './client/ws-link.ts'
import { systemLocalClock } from './clock/system-local-clock.ts'
import { enrol } from './trust/enrol.ts'
import { TrustFiles } from './trust/trust-files.ts'

const EXIT_USAGE = 2
const STANDARD_ERROR = 2
const REPORT_MS = 10_000

try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') process.stdout.write(USAGE)
  else if (options.enrol !== undefined) await enrolDevice(options, options.enrol)
  else await run(options)
} catch (error) {
  process.stderr.write(`loa-speaker: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = EXIT_USAGE
}

/** Once: gives this device its identity. */
async function enrolDevice({ server, pins, state }: CliOptions, code: string): Promise<void> {
  const { clusterId, deviceId } = await enrol(wsConnect({ server, pins }), new TrustFiles(join(state ?? '', 'trust')), code)
  process.stdout.write(`enrolled as device ${deviceId} of cluster ${clusterId}\n`)
}

async function run(options: CliOptions): Promise<void> {
  const say = makeSay(options.json)
  const clock = systemLocalClock(options.clockPpm)
  const { output, card } = makeOutput(options, clock, (reason) => { say({ event: 'output', reason }) })
  let agent: Agent | null = null
  const parts = await openParts(options, clock, () => agent, (reason) => { say({ event: 'fault', reason }) })
  agent = new Agent({
    clock,
    connect: wsConnect({ server: options.server, pins: options.pins }),
    ...parts.agentOptions,
    output,
    format: options.format,
    volumePercent: options.volumePercent,
    emergencyVolumePercent: options.emergencyVolumePercent,
    offsetMs: options.offsetMs,
    wallMs: Date.now,
    version,
    onEvent: say,
  })
  const running = agent
  const stopTap = options.tap === undefined || card === null ? undefined : startTap(options.tap, running, card)
  const report = setInterval(() => { say({ event: 'status', status: running.status() }) }, REPORT_MS)
  const stop = (): void => {
    clearInterval(report)
    stopTap?.()
    running.stop().then(() => parts.close()).then(() => process.exit(0), (error: unknown) => {
      process.stderr.write(`loa-speaker: ${String(error)}\n`)
      process.exit(1)
    })
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  running.start()
}

/** Standard output may carry sound, so words go to standard error: JSON lines, or what a person wants to know. */
function makeSay(json: boolean): (event: AgentEvent | { readonly event: 'status' | 'output' | 'fault'; readonly [name: string]: unknown }) => void {
  const log = pino({ base: null }, pino.destination(STANDARD_ERROR))
  if (json) return (event) => { log.info(event) }
  return (event) => {
    switch (event.event) {
      case 'played':
      case 'status':
        break
      case 'lost':
      case 'fault':
        log.warn(event, event.event)
        break
      default:
        log.info(event, event.event)
    }
  }
}
