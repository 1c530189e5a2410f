/** What we use of the npm package `sip` 0.0.6, which brings no types. Only message.ts and stack.ts may import it. */
declare module 'sip' {
  export interface Via {
    version?: string
    protocol: string
    host: string
    port?: number | undefined
    params: Record<string, string | null>
  }

  export interface Address {
    readonly name?: string
    readonly uri: string
    readonly params: Readonly<Record<string, string | null>>
  }

  export interface CSeq {
    readonly seq: number
    readonly method: string
  }

  /** Where a header's text could not be read, it is not there; where it is written as text, it goes out as it is. */
  export interface Message {
    method?: string
    uri?: string
    status?: number
    reason?: string
    headers: {
      via?: Via[]
      to?: Address | string
      from?: Address | string
      cseq?: CSeq
      contact?: Address[] | string
      'call-id'?: string
      [name: string]: unknown
    }
    content?: string
  }

  export interface Connection {
    send(message: Message): void
    release(): void
    readonly protocol: string
  }

  export interface Transaction {
    /** Server transactions only. Looks at nothing but the status. */
    send?(response: Message): void
    message(message: Message, remote?: unknown): void
    shutdown(): void
  }

  export interface TransactionLayer {
    createServerTransaction(request: Message, connection: Connection): Transaction
    createClientTransaction(connection: Connection, request: Message, onResponse: (response: Message) => void): Transaction
    getServer(message: Message): Transaction | undefined
    getClient(message: Message): Transaction | undefined
    destroy(): void
  }

  const sip: {
    parse(message: Buffer): Message | undefined
    stringify(message: Message): string
    makeTransactionLayer(options: object, open: () => never): TransactionLayer
  }
  export default sip
}
