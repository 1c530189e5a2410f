import { join } from 'node:path'
import process from 'node:process'
import { Agent } from './agent.ts'
import { makeOutput } from './cli/make-output.ts'
import type { OpenedParts } from './cli/open-parts.ts'
import { readOptions, USAGE, type CliOptions } from './cli/options.ts'
import { makeSay } from './cli/say.ts'
import { startTap } from './cli/tap.ts'
import { version } from './cli/version.ts'
import { wsConnect } from './client/ws-link.ts'
import { systemLocalClock } from './clock/system-local-clock.ts'
import { keyIdentity } from './key-identity.ts'
import { giveBackMemory } from './native/board.ts'
import type { LocalClock } from './ports.ts'

const EXIT_USAGE = 2
const REPORT_MS = 10_000
/** By then sound has gone through everything, and what was only needed to start can go. */
const STARTED_MS = 15_000
/** What rare events have brought in goes now and then. */
const GIVE_BACK_MS = 1_800_000

// Half of what Node takes was for its start.
giveBackMemory()
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
  const [{ enrol }, { TrustFiles }] = await Promise.all([import('./trust/enrol.ts'), import('./trust/trust-files.ts')])
  const { clusterId, deviceId } = await enrol(wsConnect({ server, pins }), new TrustFiles(join(state ?? '', 'trust')), code)
  process.stdout.write(`enrolled as device ${deviceId} of cluster ${clusterId}\n`)
}

async function run(options: CliOptions): Promise<void> {
  const say = makeSay(options.json)
  const clock = systemLocalClock(options.clockPpm)
  const { output, card } = makeOutput(options, clock, (reason) => { say({ event: 'output', reason }) })
  let agent: Agent | null = null
  const parts = await partsOf(options, clock, () => agent, (reason) => { say({ event: 'fault', reason }) })
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
  const started = setTimeout(giveBackMemory, STARTED_MS)
  const giveBack = setInterval(giveBackMemory, GIVE_BACK_MS)
  const stop = (): void => {
    clearInterval(report)
    clearTimeout(started)
    clearInterval(giveBack)
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

/** What needs a folder or a board's own switches is loaded only where there is one: it takes 2 MB. */
async function partsOf(options: CliOptions, clock: LocalClock, agent: () => Agent | null, onFault: (reason: string) => void): Promise<OpenedParts> {
  const { state, hooks, cluster = '', key = '' } = options
  if (state === undefined && hooks === undefined) return { agentOptions: { identity: keyIdentity(cluster, key) }, close: () => Promise.resolve() }
  const { openParts } = await import('./cli/open-parts.ts')
  return openParts(options, clock, agent, onFault)
}
