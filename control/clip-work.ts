import { ApiError } from './problem.ts'

/** Converting is work for a processor core; more at once only makes all of them late. */
const MOST_AT_ONCE = 4

/** How many files are being worked on. */
export class ClipWork {
  #running = 0

  /**
   * @returns ends it; idempotent
   * @throws ApiError LOA_ERR_BUSY
   */
  begin(): () => void {
    if (this.#running >= MOST_AT_ONCE) throw new ApiError('LOA_ERR_BUSY', `${String(MOST_AT_ONCE)} uploads are being worked on`, `đang xử lý ${String(MOST_AT_ONCE)} tệp`, { headers: { 'Retry-After': '5', Connection: 'close' } })
    this.#running++
    let isRunning = true
    return () => {
      if (isRunning) this.#running--
      isRunning = false
    }
  }
}
