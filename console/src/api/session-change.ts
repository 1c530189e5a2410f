import { closeEvents } from './events.ts'
import { queryClient } from './query-client.ts'

/** Windows of one browser share its session: none goes on showing what another person may see, or acts in the name of another than it shows. */
const windows = new BroadcastChannel('loa.session')
windows.onmessage = () => { void forget() }

/** Here and in the other windows: somebody has logged in or out, and nothing that was read before counts any more. */
export async function sessionChanged(): Promise<void> {
  windows.postMessage(null)
  await forget()
}

async function forget(): Promise<void> {
  closeEvents()
  await queryClient.resetQueries()
}
