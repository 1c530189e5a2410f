import { connect, type Socket } from 'node:net'
import { frameJson, readMessages } from './framed-socket.ts'
import type { Hello } from './messages.ts'

const RECONNECT_MIN_MS = 100
const RECONNECT_MAX_MS = 500
/** What is not yet sent to control is dropped past this: control asks for everything again when it comes back. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024

/** A role's end of its connection to control. Connects again for ever; says hello first, each time. */
export interface ControlLink<Outgoing extends object> {
  readonly connected: boolean
  /** Sends, or drops when control is away: the next hello brings the whole state again. */
  send(message: Outgoing): void
  close(): void
}

/**
 * @param onConnect called after each hello has been sent, before anything arrives
 * @param onMessage called with each message; control is trusted to keep to server/link/messages.ts
 */
export function connectControl<Incoming, Outgoing extends object>(
  path: string,
  hello: Hello,
  handlers: { readonly onConnect: () => void; readonly onMessage: (message: Incoming) => void; readonly onDisconnect?: () => void },
): ControlLink<Outgoing> {
  let socket: Socket | null = null
  let connected = false
  let closed = false
  let retry: NodeJS.Timeout | null = null

  const open = (): void => {
    const opened = connect(path)
    socket = opened
    opened.on('connect', () => {
      connected = true
      opened.write(frameJson(hello))
      handlers.onConnect()
    })
    readMessages(opened, (_kind, payload) => {
      handlers.onMessage(JSON.parse(payload.toString('utf8')) as Incoming)
    })
    opened.on('error', () => undefined) // 'close' follows and connects again
    opened.on('close', () => {
      const was = connected
      connected = false
      if (was) handlers.onDisconnect?.()
      if (!closed) retry = setTimeout(open, RECONNECT_MIN_MS + Math.random() * (RECONNECT_MAX_MS - RECONNECT_MIN_MS))
    })
  }
  open()

  return {
    get connected() {
      return connected
    },
    send(message) {
      if (connected && socket !== null && socket.writableLength < MAX_QUEUED_BYTES) socket.write(frameJson(message))
    },
    close() {
      closed = true
      if (retry !== null) clearTimeout(retry)
      socket?.destroy()
    },
  }
}
