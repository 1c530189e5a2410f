import { flushCompileCache } from 'node:module'
import { setPriority } from 'node:os'
import { createLogger } from './logger.ts'
import type { RoleRuntime, RunningRole } from './roles/role-runtime.ts'
import type { ReadyMessage, StartMessage } from './supervisor.ts'
import { systemClock } from './system-clock.ts'

// One role as a process of its own, started by the supervisor, which tells it what it is.
process.once('message', (message) => {
  void run(message as StartMessage)
})
// The supervisor is gone without a word, be it while we start: leave the ports to its successor.
process.once('disconnect', () => process.exit(1))
// It may have been gone before anybody here could listen.
if (!process.connected) process.exit(1)

/** Nice values: what sounds goes before what decides, and both before whatever else the machine does; what only writes along comes last. */
const NICE: Readonly<Record<StartMessage['role'], number>> = { engine: -15, 'fan-out': -15, control: -5, recorder: 5, phone: -10 }

function takePriority(role: StartMessage['role']): void {
  try {
    setPriority(NICE[role])
  } catch {
    // Only root, or who has CAP_SYS_NICE, may; on a machine that is not overloaded it makes no difference.
  }
}

async function run(start: StartMessage): Promise<void> {
  takePriority(start.role)
  const logger = createLogger(start.config.logLevel, `${start.role}-${String(start.index)}`)
  const runtime: RoleRuntime = { config: start.config, anchor: start.anchor, index: start.index, clock: systemClock, logger }
  try {
    const { running, ready } = await startRole(start.role, runtime)
    process.once('SIGTERM', () => {
      void running.close().finally(() => process.exit(0))
    })
    // Ctrl-C reaches the whole group; the supervisor ends us in order.
    process.on('SIGINT', () => undefined)
    process.send?.(ready)
    // Node keeps compiled code only when a process ends in order, and the one that needs it most is the one that does not.
    flushCompileCache()
  } catch (error) {
    logger.fatal({ err: error }, 'cannot start')
    process.exit(1)
  }
}

/** Loads only what the role needs: an engine has no use for the API. */
async function startRole(role: StartMessage['role'], runtime: RoleRuntime): Promise<{ running: RunningRole; ready: ReadyMessage }> {
  switch (role) {
    case 'control': {
      const { runControl } = await import('./roles/control.ts')
      const control = await runControl(runtime)
      return { running: control, ready: { type: 'ready', port: control.port, ...(control.adminToken === null ? {} : { adminToken: control.adminToken }) } }
    }
    case 'engine': {
      const { runEngine } = await import('./roles/engine.ts')
      return { running: await runEngine(runtime), ready: { type: 'ready' } }
    }
    case 'fan-out': {
      const { runFanOut } = await import('./roles/fan-out.ts')
      const fanOut = await runFanOut(runtime)
      return { running: fanOut, ready: { type: 'ready', port: fanOut.port } }
    }
    case 'recorder': {
      const { runRecorder } = await import('./roles/recorder.ts')
      return { running: await runRecorder(runtime), ready: { type: 'ready' } }
    }
    case 'phone': {
      const { openPhoneLine } = await import('./phone/phone-line.ts')
      const { phoneSettings } = await import('./phone/configured-line.ts')
      const { runPhone } = await import('./roles/phone.ts')
      const { config, clock, logger } = runtime
      return { running: await runPhone(runtime, () => openPhoneLine({ settings: phoneSettings(config), clock, logger })), ready: { type: 'ready' } }
    }
  }
}
