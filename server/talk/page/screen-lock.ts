/** Keeps the screen on while somebody speaks; where the browser cannot, nothing is different. */
export class ScreenLock {
  #wanted = false
  #lock: WakeLockSentinel | undefined

  constructor() {
    // It is lost with every look at something else.
    document.addEventListener('visibilitychange', () => { if (this.#wanted && !document.hidden) void this.hold() })
  }

  async hold(): Promise<void> {
    this.#wanted = true
    try {
      const lock = await navigator.wakeLock.request('screen')
      if (this.#wanted) this.#lock = lock
      else void lock.release()
    } catch {
      // Battery saver, or no such thing here.
    }
  }

  release(): void {
    this.#wanted = false
    void this.#lock?.release()
    this.#lock = undefined
  }
}
