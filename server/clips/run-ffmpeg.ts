import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'

export interface FfmpegRun {
  /** What it reads from pipe:0; null: it reads nothing. */
  readonly input?: Buffer | null
  /** Ends it at once. */
  readonly signal?: AbortSignal
  /** Only what processors have left. */
  readonly isIdle?: boolean
}

/** Runs ffmpeg in a child of its own, one thread. @throws when it cannot be run, was ended, or complains; with its last words */
export async function runFfmpeg(program: string, args: readonly string[], { input = null, signal, isIdle = false }: FfmpegRun = {}): Promise<void> {
  const child = spawn(program, ['-nostdin', '-hide_banner', '-v', 'error', '-threads', '1', ...args], {
    stdio: [input === null ? 'ignore' : 'pipe', 'ignore', 'pipe'], env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }, killSignal: 'SIGKILL', ...(signal === undefined ? {} : { signal }),
  })
  let complaints = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString('utf8')).slice(-1000)
  })
  child.stdin?.on('error', () => undefined) // it says why by itself
  child.stdin?.end(input)
  if (isIdle) leaveOthersFirst(child.pid)
  await new Promise<void>((resolve, reject) => {
    let failure: Error | null = null
    child.once('error', (error) => {
      failure = error
      if (child.pid === undefined) reject(error) // it never ran, so nothing is closed
    })
    child.once('close', (code) => {
      if (code === 0 && failure === null) resolve()
      else reject(failure ?? new Error(`ffmpeg ended with ${String(code)}: ${complaints.trim()}`))
    })
  })
}

function leaveOthersFirst(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, 19)
  } catch {
    // Over already, or the system knows no priorities.
  }
}
