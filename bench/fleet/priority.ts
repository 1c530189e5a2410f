import { spawnSync } from 'node:child_process'
import { setPriority } from 'node:os'

const NICE = -18

/**
 * Lets a process that stands for other machines, or for the network, run before everything that is measured: what it would otherwise wait
 * for a core would be heard as a fault of theirs. Round-robin real time (sched(7)) where the system allows it, else a low nice value, else nothing.
 */
export function putFirst(pid: number | undefined, realTimePriority: 1 | 2): void {
  if (pid === undefined) return
  if (spawnSync('chrt', ['--all-tasks', '--rr', '--pid', String(realTimePriority), String(pid)], { stdio: 'ignore' }).status === 0) return
  try {
    setPriority(pid, NICE)
  } catch {
    // Not root: the relay's lateness and the agents' underruns tell how much it mattered.
  }
}
