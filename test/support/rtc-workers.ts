import { readdirSync, readFileSync } from 'node:fs'

/** Of a process's children, those that run mediasoup's worker. */
export function workersOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${String(pid)}/task`)
  const children = threads.flatMap((thread) => readFileSync(`/proc/${String(pid)}/task/${thread}/children`, 'utf8').trim().split(' ').filter((child) => child !== '').map(Number))
  return children.filter((child) => readFileSync(`/proc/${String(child)}/cmdline`, 'utf8').includes('mediasoup-worker'))
}
