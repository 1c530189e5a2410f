import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { BIG_STORE_TOKEN } from './big-store.ts'
import { end, freePort, start, waitUntil } from './processes.ts'
import type { Bench } from './scenario.ts'

const SERVER = join(import.meta.dirname, '..', '..', 'server', 'loa.mjs')
export const PASSWORD = 'bốn con mèo ngủ trưa'

/** The real server with its console, on a data folder that is filled before it starts. */
export async function startConsole(bench: Bench, name: string, fill: (dataDir: string) => void): Promise<{ readonly url: string; end(): Promise<void> }> {
  const dataDir = join(bench.folder, name)
  fill(dataDir)
  const [port, streamPort] = [await freePort(), await freePort()]
  const environment = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('LOA_')))
  const child = start(process.execPath, [SERVER], { stdio: 'ignore', env: { ...environment, LOA_DATA_DIR: dataDir, LOA_HOST: '127.0.0.1', LOA_PORT: String(port), LOA_STREAM_PORT: String(streamPort), LOA_LOG_LEVEL: 'warn', LOA_FAN_OUT_PROCESSES: '1' } })
  const url = `http://127.0.0.1:${String(port)}`
  const server = { url, end: async () => { await end(child, 20_000) } }
  try {
    await waitUntil('the server is ready', async () => await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false), 120_000)
  } catch (error) {
    await server.end()
    throw error
  }
  return server
}

/** As on an office computer whose graphics no browser trusts. */
export const openOfficeComputer = (): Promise<Browser> => chromium.launch({ executablePath: process.env['LOA_CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] })

/** Makes an administrator who can log in. */
export async function addAdministrator(url: string, login: string): Promise<void> {
  const { status } = await fetch(`${url}/v1/users`, { method: 'POST', headers: { authorization: `Bearer ${BIG_STORE_TOKEN}`, 'content-type': 'application/json' }, body: JSON.stringify({ login, name: login, password: PASSWORD, roles: [{ role: 'administrator', unitId: null }] }) })
  if (status !== 201) throw new Error(`POST /v1/users: ${String(status)}`)
}
