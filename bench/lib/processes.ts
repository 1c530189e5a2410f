import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** USER_HZ, the unit of the times in /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** Every process this benchmark has started and not yet ended; whatever happens, they are ended with it. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface StartOptions extends SpawnOptions {
  /** Cores it may use, as for taskset (`0`, `0,1`); absent: all. */
  readonly cores?: string | undefined
}

export function start(command: string, args: readonly string[], options: StartOptions = {}): ChildProcess {
  const { cores, ...rest } = options
  const child = cores === undefined ? spawn(command, args, rest) : spawn('taskset', ['-c', cores, command, ...args], rest)
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Asks a process to end, insists after `patienceMs`, returns when it is gone. */
export async function end(child: ChildProcess, patienceMs = 5000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await gone
  clearTimeout(timer)
}

/** Moves this process itself; what it starts afterwards inherits it. */
export function pinSelf(cores: string): void {
  for (const task of readdirSync('/proc/self/task')) spawnSync('taskset', ['-cp', cores, task], { stdio: 'ignore' })
}

export interface ProcessInfo {
  readonly pid: number
  readonly parent: number
  readonly command: string
  /** User and system time of all its threads so far, ms. */
  readonly cpuMs: number
  readonly userMs: number
  readonly systemMs: number
}

/** @returns undefined when there is no such process any more. */
export function inspect(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
    // The name in parentheses may hold anything; fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const userMs = (Number(fields[11]) * 1000) / TICKS_PER_SECOND
    const systemMs = (Number(fields[12]) * 1000) / TICKS_PER_SECOND
    const command = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return { pid, parent: Number(fields[1]), command, userMs, systemMs, cpuMs: userMs + systemMs }
  } catch {
    return undefined
  }
}

/** The process and everything below it. */
export function tree(root: number): ProcessInfo[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => inspect(Number(name))).filter((info) => info !== undefined)
  const found = all.filter(({ pid }) => pid === root)
  for (let at = 0; at < found.length; at++) found.push(...all.filter(({ parent }) => parent === found[at]!.pid))
  return found
}

/** Resident memory and, of it, what belongs to the process alone, KiB. */
export function memoryKib(pid: number): { readonly rss: number; readonly privateRss: number } {
  const rollup = readFileSync(`/proc/${String(pid)}/smaps_rollup`, 'utf8')
  const read = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0)
  return { rss: read('Rss'), privateRss: read('Private_Clean') + read('Private_Dirty') }
}

/** Memory the kernel holds for all TCP sockets of the machine, KiB. */
export function tcpMemoryKib(): number {
  return Number(/^TCP:.* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8'))?.[1] ?? 0) * 4
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

/** A UDP port that was free a moment ago. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => { socket.close(() => { resolve() }) })
  return port
}

/** Looks every 50 ms until `look` finds something. @throws Error naming `reason` after `timeoutMs`. */
export async function waitUntil<T>(reason: string, look: () => T | undefined | false | Promise<T | undefined | false>, timeoutMs = 20_000): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline) throw new Error(`waited ${String(timeoutMs / 1000)} s in vain until ${reason}`)
    await delay(50)
  }
}

/** Is this program on the PATH? */
export function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0
}
