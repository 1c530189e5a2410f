import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly folder: string
  /** Leaves not a block free. @returns a function that makes room again */
  fill(): () => void
  unmount(): void
}

/** A file system of `mib` MiB, or why there is none. */
export function smallDisk(mib: number): SmallDisk | string {
  if (process.getuid?.() !== 0) return 'only root may mount'
  const folder = mkdtempSync(join(tmpdir(), 'loa-small-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(mib)}m`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    rmSync(folder, { recursive: true })
    return `a small file system cannot be mounted here: ${String(error)}`
  }
  return {
    folder,
    fill() {
      const filler = join(folder, 'taken-by-others')
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(filler, Buffer.alloc(bavail * bsize))
      return () => { rmSync(filler) }
    },
    unmount() {
      execFileSync('umount', [folder])
      rmSync(folder, { recursive: true })
    },
  }
}
