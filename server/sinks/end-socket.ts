import type { Socket } from 'node:net'

/** How long the far side has to take what is left and to close in its turn. */
const CLOSE_TIMEOUT_MS = 2000

/**
 * Sends the last bytes and ends a connection. The time runs whatever still comes in, so that nobody holds it open by sending
 * on; what comes in is thrown away.
 */
export function endSocket(socket: Socket, last?: Buffer | string): void {
  if (socket.destroyed) return
  if (last === undefined) socket.end()
  else socket.end(last)
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS)
  timer.unref()
  socket.once('close', () => {
    clearTimeout(timer)
  })
}
