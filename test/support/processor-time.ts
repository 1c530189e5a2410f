import { readFileSync } from 'node:fs'

/**
 * Ms in which the main thread of a process has run, or was ready to run and not let (proc(5), schedstat). What this leaves of a time that
 * something took, was spent waiting for something else than the processor: that does not grow with what the machine does besides.
 */
export function wantedProcessorMs(pid: number): number {
  try {
    const [ranNs = 0, heldUpNs = 0] = readFileSync(`/proc/${String(pid)}/schedstat`, 'latin1').split(' ').map(Number)
    return (ranNs + heldUpNs) / 1e6
  } catch {
    // It is gone, or this kernel does not tell.
    return 0
  }
}
