import { ADMIN_TOKEN, type LoaServer } from './loa-server.ts'

export interface FaultEvent {
  readonly code: string
  readonly message: string
  readonly clusterId: string | null
}

/** Collects the faults that the server tells of, from now until it ends or the signal says so. Resolves when it is listening. */
export async function watchFaults(server: LoaServer, faults: FaultEvent[], signal: AbortSignal): Promise<void> {
  const { body } = await fetch(`${server.api}/v1/events?types=fault`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}`, accept: 'text/event-stream' }, signal })
  void collect(body as unknown as AsyncIterable<Uint8Array>, faults)
}

async function collect(body: AsyncIterable<Uint8Array>, faults: FaultEvent[]): Promise<void> {
  let text = ''
  try {
    for await (const chunk of body) {
      text += Buffer.from(chunk).toString('utf8')
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: ')) faults.push((JSON.parse(line.slice(6)) as { data: FaultEvent }).data)
    }
  } catch {
    // The server or the test is over.
  }
}
