import t from 'tap'
import { WebSocket } from 'ws'
import { LoaServer } from '../support/loa-server.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(60_000)

t.test('a device that goes silent is told of within ten seconds; one that answers pings stays', async (t) => {
  const server = await LoaServer.start(t)
  const unit = await server.unit('X1')
  const [alive, dead] = [await server.cluster(unit, 'C1'), await server.cluster(unit, 'C2')]
  const connect = (cluster: { readonly id: string; readonly key: string }, autoPong: boolean): WebSocket => {
    const socket = new WebSocket(`${server.stream.replace('http', 'ws')}/v1/speaker`, { autoPong })
    socket.on('open', () => { socket.send(JSON.stringify({ type: 'hello', protocol: 1, clusterId: cluster.id, key: cluster.key })) })
    socket.on('error', () => undefined)
    t.teardown(() => { socket.terminate() })
    return socket
  }
  const isOnline = async (id: string): Promise<boolean> => (await server.get(`/v1/clusters/${id}`))['online'] === true
  const sockets = [connect(alive, true), connect(dead, false)]
  let pings = 0
  sockets[0]!.on('ping', () => { pings += 1 })
  await waitUntil('both are here', async () => (await isOnline(alive.id)) && (await isOnline(dead.id)))
  const sinceMs = performance.now()
  await waitUntil('the silent one is gone', async () => !(await isOnline(dead.id)), 15_000)
  t.ok(performance.now() - sinceMs < 10_000, `noticed after ${Math.round(performance.now() - sinceMs).toString()} ms`)
  t.equal(await isOnline(alive.id), true, 'whoever answers stays')
  t.ok(pings > 0)
})
