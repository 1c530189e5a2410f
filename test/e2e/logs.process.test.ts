import t from 'tap'
import { verifyLog } from '../../server/log/verify-log.ts'
import { LoaServer } from '../support/loa-server.ts'
import { waitUntil } from '../support/wait-until.ts'

type Item = Readonly<Record<string, unknown>>

t.test('what was on the air stands in the log when it is over, and the log is good and signed to its end', async (t) => {
  const server = await LoaServer.start(t)
  const unitId = await server.unit('X1')
  const { id: clusterId } = await server.cluster(unitId, 'C1')
  const sourceId = await server.tone('Còi', 1500)
  const log = async (): Promise<readonly Item[]> => (await server.get('/v1/air-log'))['items'] as Item[]
  const isOnAir = async (): Promise<boolean> => (await server.get(`/v1/clusters/${clusterId}/on-air`))['onAir'] !== null

  const first = await server.order('normal', sourceId, [unitId])
  await waitUntil('the order is on the air', isOnAir)
  await server.stopOrder(first)
  await waitUntil('the run is in the log', async () => (await log()).length === 1)
  t.match((await log())[0], { orderId: first, unitId, clusterIds: [clusterId], sentMs: 0 })

  await server.order('normal', sourceId, [unitId])
  await waitUntil('the order is on the air', isOnAir)
  await server.stop()
  const { problems, logs, unsigned } = verifyLog(server.dataDir)
  t.same(problems, [])
  t.match(logs, [{ log: 'audit' }, { log: 'air' }])
  t.equal(unsigned, 0, 'the last checkpoint covers everything')
})
