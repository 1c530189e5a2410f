import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NotifyError } from './notify-error.ts'

export interface FileSinkOptions {
  /** A file that would grow beyond this is put aside first. */
  readonly maxBytes: number
  /** So many old ones are kept: `name.1` is the youngest. */
  readonly keep: number
}

/**
 * Appends one line and waits until it is on the disk. Lines are whole or absent: what a full disk has cut off is taken away again.
 * @throws NotifyError `NOTIFY_ERR_FILE`
 */
export async function appendLine(path: string, line: string, { maxBytes, keep }: FileSinkOptions): Promise<void> {
  const bytes = Buffer.from(`${line}\n`)
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    let file = await open(path, 'a', 0o600)
    try {
      const { size } = await file.stat()
      if (size > 0 && size + bytes.length > maxBytes) {
        await file.close()
        await rotate(path, keep)
        file = await open(path, 'a', 0o600)
      }
      const before = (await file.stat()).size
      try {
        await file.writeFile(bytes)
        await file.datasync()
      } catch (error) {
        // Where even that fails, the next look at the file says so.
        await file.truncate(before).catch(() => undefined)
        throw error
      }
    } finally {
      await file.close()
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new NotifyError('NOTIFY_ERR_FILE', code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : (code ?? message), { cause: error })
  }
}

async function rotate(path: string, keep: number): Promise<void> {
  await rm(`${path}.${String(keep)}`, { force: true })
  for (let index = keep - 1; index >= 0; index -= 1) {
    const from = index === 0 ? path : `${path}.${String(index)}`
    await rename(from, `${path}.${String(index + 1)}`).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    })
  }
}
