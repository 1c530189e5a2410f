import { parseArgs } from 'node:util'
import { ConfigError, configFile, configKeys, loadConfig, type Config } from './config.ts'
import { AlreadyRunningError } from './data-lock.ts'
import { createLogger } from './logger.ts'
import { COMMANDS_HELP, isCommand, runCommand } from './maintenance.ts'
import { runSeed, SEED_COMMAND, SEED_HELP } from './seed/command.ts'
import { startSupervisor, type Supervisor } from './supervisor.ts'
import { rtcPortProblems } from './webrtc/port-check.ts'
import { weakSettings } from './weak-settings.ts'

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

function help(): string {
  const rows = configKeys().map(({ environment, default: fallback, description }) => `  ${environment.padEnd(30)} ${description} (default ${JSON.stringify(fallback)})`)
  return ['Loa: real-time broadcast server for public-address speakers', '', 'npm start -- [--config FILE] [--check-config] [--help]', 'npm run loa -- verify-log | backup FILE | restore FILE | seed-district', '', '  --config FILE     JSON file with settings; the environment wins over it', '  --check-config    check the settings and stop', '', COMMANDS_HELP, SEED_HELP, '', 'Settings:', ...rows].join('\n')
}

interface Settings {
  readonly config: Config
  readonly weak: readonly string[]
}

function readSettings(file = configFile()): Settings | null {
  try {
    const config = loadConfig(process.env, file)
    const weak = weakSettings(config, file)
    if (config.production && weak.length > 0) throw new ConfigError(weak)
    return { config, weak }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const problem of error.problems) process.stderr.write(`loa: ${problem}\n`)
    return null
  }
}

/** Runs the server until it is told to end. @returns exit code */
async function serve({ config, weak }: Settings): Promise<number> {
  const logger = createLogger(config.logLevel, 'supervisor')
  for (const problem of weak) logger.warn(`weak setting: ${problem}`)
  let supervisor: Supervisor
  try {
    supervisor = startSupervisor(config, logger)
  } catch (error) {
    if (!(error instanceof AlreadyRunningError)) throw error
    process.stderr.write(`loa: ${error.message}\n`)
    return 1
  }
  // Nothing waits for it: whoever comes by HTTP is heard without.
  void rtcPortProblems(config).then((problems) => {
    for (const problem of problems) {
      process.stderr.write(`loa: ${problem}\n`)
      logger.error(problem)
    }
  })
  const told = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { resolve(0) })
  })
  const broken = supervisor.failed.catch((error: unknown) => {
    process.stderr.write(`loa: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  })
  void supervisor.ready.then(({ port, streamPort, adminToken }) => {
    const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host
    say(`Loa is on. Bảng điều khiển và API / console and API: http://${host}:${String(port)}   nghe / listeners: http://${host}:${String(streamPort)}`)
    if (adminToken !== null) say(`Mã quản trị, chỉ hiện một lần / administrator token, shown this once: ${adminToken}`)
  })
  const code = await Promise.race([told, broken])
  await supervisor.close()
  return code
}

async function main(): Promise<number> {
  const [command] = process.argv.slice(2)
  const output = { say, complain: (text: string) => { process.stderr.write(`${text}\n`) }, nowMs: () => Date.now() }
  if (command === SEED_COMMAND) return runSeed(process.argv.slice(3), process.env, output)
  if (isCommand(command)) {
    return runCommand(process.argv.slice(2), process.env['LOA_DATA_DIR'] ?? './loa-data', output)
  }
  let options: { help?: boolean; 'check-config'?: boolean; config?: string }
  try {
    options = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, 'check-config': { type: 'boolean' }, config: { type: 'string' } } }).values
  } catch (error) {
    process.stderr.write(`loa: ${error instanceof Error ? error.message : String(error)}\n${help()}\n`)
    return 2
  }
  if (options.help === true) {
    say(help())
    return 0
  }
  const settings = readSettings(options.config)
  if (settings === null) return 2
  if (options['check-config'] === true) {
    for (const problem of settings.weak) say(`weak: ${problem}`)
    say('The settings are good.')
    return 0
  }
  return serve(settings)
}

process.exitCode = await main()
