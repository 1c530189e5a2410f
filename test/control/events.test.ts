import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { buildControl, seed, TOKENS, type Harness } from '../support/build-control.ts'
import { waitUntil } from '../support/wait-until.ts'

const viewer = { authorization: `Bearer ${TOKENS.viewer}` }

interface Event {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

async function listen(t: Test, h: Harness): Promise<number> {
  t.teardown(() => h.close())
  return Number(new URL(await h.app.listen({ host: '127.0.0.1', port: 0 })).port)
}

/** Opens the event stream and collects what comes. */
async function watch(t: Test, port: number, path = '/v1/events', headers: Record<string, string> = viewer): Promise<{ response: IncomingMessage; text: () => string; events: () => Event[] }> {
  const sent = request({ port, host: '127.0.0.1', path, headers })
  sent.on('error', () => undefined)
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  t.teardown(() => response.destroy())
  response.on('error', () => undefined)
  let text = ''
  response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  const events = (): Event[] => text.split('\n\n').filter((block) => block.startsWith('id: ')).map((block) => {
    const [id, type, data] = block.split('\n')
    const event = JSON.parse((data ?? '').slice('data: '.length)) as Event
    if (id !== `id: ${event.id}` || type !== `event: ${event.type}`) throw new Error(`${id ?? ''} and ${type ?? ''} do not fit ${data ?? ''}`)
    return event
  })
  return { response, text: () => text, events }
}

t.test('server-sent events', async (t) => {
  const h = await buildControl()
  const port = await listen(t, h)
  const { unitId, clusterId, sourceId } = await seed(h)
  const all = await watch(t, port)
  t.match(all.response, { statusCode: 200, headers: { 'content-type': /^text\/event-stream/, 'cache-control': 'no-store' } })
  const some = await watch(t, port, `/v1/events?types=fault,order&access_token=${TOKENS.viewer}`, {})
  await waitUntil('both watch', () => h.app.server.connections !== 0 && all.text() !== '' && some.text() !== '')

  const connection = h.broadcast.connect(clusterId)
  h.broadcast.emit({ type: 'join', connections: [connection] })
  h.broadcast.emit({ type: 'on-air', clusterIds: [clusterId], onAir: null })
  h.broadcast.emit({ type: 'source', status: { sourceId, state: 'live', urlIndex: null, peakDbfs: -3, rmsDbfs: -Infinity, clippedPercent: 0, fault: null, reason: '', title: 'Dòng 1\nDòng 2' } })
  h.broadcast.emit({ type: 'leave', connections: [{ clusterId, connectionId: connection.connectionId, reason: 'closed' }] })
  h.broadcast.emit({ type: 'fault', code: 'ENGINE_LOST', message: 'engine 0 is gone', role: 'engine' })
  const order = await h.call('POST', '/v1/orders', { class: 'emergency', title: 'Lũ', sourceId, targets: { units: [unitId] }, durationMs: 60_000 })
  await h.call('POST', `/v1/orders/${order.body.id}/stop`)
  await waitUntil('all seven events', () => all.events().length === 7)
  t.same(all.events().map(({ type }) => type), ['join', 'on-air', 'source', 'leave', 'fault', 'order', 'order'])
  t.match(all.events(), [
    { at: '2026-06-18T03:00:00.000Z', data: { connections: [{ clusterId, protocol: 'native', since: /^2026-/ }] } },
    { data: { clusterIds: [clusterId], onAir: null } },
    { data: { sourceId, state: 'live', peakDbfs: -3, rmsDbfs: null, title: 'Dòng 1\nDòng 2' } },
    { data: { connections: [{ clusterId, connectionId: connection.connectionId, reason: 'closed' }] } },
    { data: { code: 'ENGINE_LOST', message: 'engine 0 is gone', role: 'engine', clusterId: null } },
    { data: { id: order.body.id, state: 'on-air' } },
    { data: { id: order.body.id, state: 'stopped' } },
  ])
  await waitUntil('the chosen events', () => some.events().length === 3)
  t.same(some.events().map(({ type }) => type), ['fault', 'order', 'order'])

  t.test('who comes back gets what he missed', async (t) => {
    const lastSeen = all.events()[3]?.id ?? ''
    const back = await watch(t, port, '/v1/events', { ...viewer, 'last-event-id': lastSeen })
    await waitUntil('the missed events', () => back.events().length === 3)
    t.same(back.events().map(({ id }) => id), all.events().slice(4).map(({ id }) => id))
    const upToDate = await watch(t, port, `/v1/events?lastEventId=${all.events()[6]?.id ?? ''}`)
    const stranger = await watch(t, port, '/v1/events', { ...viewer, 'last-event-id': 'earlier-life-7' })
    await waitUntil('the gap', () => stranger.events().length === 1)
    t.match(stranger.events(), [{ type: 'gap', data: { lastEventId: 'earlier-life-7' } }])
    t.same(upToDate.events(), [])
  })

  t.test('a quiet stream is kept alive', async (t) => {
    const quiet = await watch(t, port)
    await waitUntil('it is open', () => quiet.text() !== '')
    h.clock.advance(15_000)
    await waitUntil('a sign of life', () => quiet.text().includes('event: alive\n'))
    t.same(quiet.events(), [], 'which has no number and is no event')
  })

  t.test('is closed when its token is removed', async (t) => {
    const token = await h.call('POST', '/v1/tokens', { name: 'a', roles: [{ role: 'viewer', unitId: null }] })
    const mine = await watch(t, port, '/v1/events', { authorization: `Bearer ${String(token.body['token'])}` })
    await waitUntil('it is open', () => mine.text() !== '')
    const ended = once(mine.response, 'end')
    await h.call('DELETE', `/v1/tokens/${token.body.id}`)
    await ended
    t.pass()
  })

  t.test('refuses what is wrong', async (t) => {
    t.match(await h.call('GET', '/v1/events?types=fault,gossip'), { status: 400, body: { code: 'LOA_ERR_BAD_REQUEST', errors: [{ path: 'types' }] } })
    t.equal((await h.call('GET', '/v1/events', undefined, { as: null })).status, 401)
    t.equal((await h.call('GET', '/v1/events?access_token=wrong', undefined, { as: null })).status, 401)
  })
})

t.test('a watcher too slow is cut, and the others see everything', async (t) => {
  const h = await buildControl()
  const port = await listen(t, h)
  const slow = connect(port, '127.0.0.1')
  slow.on('error', () => undefined)
  t.teardown(() => slow.destroy())
  slow.pause()
  slow.write(`GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKENS.viewer}\r\n\r\n`)
  const quick = await watch(t, port)
  const watchers = async () => (await h.call('GET', '/v1/status')).body['watchers']
  await waitUntil('both watch', async () => ((await watchers()) as { open: number }).open === 2)
  const message = 'x'.repeat(60_000)
  let sent = 0
  await waitUntil('the slow one is cut', async () => {
    for (let n = 0; n < 20; n++) h.broadcast.emit({ type: 'fault', code: `F${String(sent++)}`, message })
    await waitUntil('the quick one has all', () => quick.text().includes(`F${String(sent - 1)}"`))
    return ((await watchers()) as { cutTotal: number }).cutTotal === 1
  })
  t.same(await watchers(), { open: 1, cutTotal: 1 })
  t.equal(quick.events().length, sent)
})

t.test('only the last 2 000 events are kept', async (t) => {
  const h = await buildControl()
  const port = await listen(t, h)
  const first = await watch(t, port)
  await waitUntil('it is open', () => first.text() !== '')
  for (let n = 0; n < 2002; n++) h.broadcast.emit({ type: 'fault', code: String(n), message: '' })
  await waitUntil('all have come', () => first.text().includes('"code":"2001"'))
  const events = first.events()
  const reachable = await watch(t, port, '/v1/events', { ...viewer, 'last-event-id': events[1]?.id ?? '' })
  const lost = await watch(t, port, '/v1/events', { ...viewer, 'last-event-id': events[0]?.id ?? '' })
  await waitUntil('the replay', () => reachable.text().includes('"code":"2001"'))
  await waitUntil('the gap', () => lost.events().length === 1)
  t.equal(reachable.events().length, 2000)
  t.match(lost.events(), [{ type: 'gap' }])
})

t.test('the same by WebSocket', async (t) => {
  const h = await buildControl()
  const port = await listen(t, h)
  const open = async (query: string, headers: Record<string, string> = {}): Promise<{ socket: WebSocket; messages: Event[] }> => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/v1/events${query}`, { headers })
    const messages: Event[] = []
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Event))
    t.teardown(() => { socket.terminate() })
    await once(socket, 'open')
    return { socket, messages }
  }
  const { socket, messages } = await open(`?types=fault&access_token=${TOKENS.viewer}`)
  const other = await open('', { authorization: `Bearer ${TOKENS.viewer}` })
  await waitUntil('the hub, the monitor and the alarms watch', () => h.broadcast.listeners >= 3)
  const watching = async () => ((await h.call('GET', '/v1/status')).body['watchers'] as { open: number }).open
  await waitUntil('both are counted', async () => (await watching()) === 2)
  h.broadcast.emit({ type: 'on-air', clusterIds: ['c-1'], onAir: null })
  h.broadcast.emit({ type: 'fault', code: 'X', message: 'y' })
  await waitUntil('the events', () => messages.length === 1 && other.messages.length === 2)
  t.match(messages, [{ type: 'fault', data: { code: 'X' } }])
  const back = await open(`?lastEventId=${other.messages[0]?.id ?? ''}`, { authorization: `Bearer ${TOKENS.viewer}` })
  await waitUntil('what it missed', () => back.messages.length === 1)
  t.same(back.messages, messages)

  for (const [query, status] of [['?access_token=wrong', 401], ['', 401], [`?types=gossip&access_token=${TOKENS.viewer}`, 400]] as const) {
    const refused = new WebSocket(`ws://127.0.0.1:${String(port)}/v1/events${query}`)
    const [error] = (await once(refused, 'error')) as [Error]
    t.match(error.message, new RegExp(String(status)), query)
  }

  socket.send('x'.repeat(5000))
  const [code] = (await once(socket, 'close')) as [number]
  t.equal(code, 1009, 'nobody sends us that much')
  await waitUntil('it is not counted any more', async () => (await watching()) === 2)

  const closed = once(other.socket, 'close')
  h.clock.advance(15_000)
  await h.app.close()
  t.match(await closed, [1001], 'closing says so')
  h.alerts.close()
  t.equal(h.broadcast.listeners, 2, 'only the monitor and the alarms, which are not of the application, listen yet')
})

t.test('who watches is told of alerts that concern him, with the orders they give', async (t) => {
  const h = await buildControl()
  const port = await listen(t, h)
  const { unitId } = await seed(h)
  const other = (await h.call('POST', '/v1/units', { code: 'X2', name: 'Xã Hai' })).body.id
  const stranger = ((await h.call('POST', '/v1/tokens', { name: 'x', roles: [{ role: 'viewer', unitId: other }] })).body as unknown as { token: string }).token
  const all = await watch(t, port, '/v1/events?types=alert,order')
  const none = await watch(t, port, '/v1/events', { authorization: `Bearer ${stranger}` })
  await waitUntil('both watch', () => all.text() !== '' && none.text() !== '')
  const { id } = (await h.call('POST', '/v1/alerts', { kind: 'real', hazard: 'fire', level: 2, title: 'Cháy', parts: [{ language: 'vi', text: 'Cháy chợ.' }], targets: { units: [unitId] } })).body
  await h.call('POST', `/v1/alerts/${id}/confirm`, {})
  h.broadcast.emit({ type: 'fault', code: 'ENGINE_LOST', message: 'engine 0 is gone', role: 'engine' })
  await waitUntil('three events', () => all.events().length === 3 && none.events().length === 1)
  t.match(all.events(), [{ type: 'alert', data: { id, state: 'prepared' } }, { type: 'order', data: { class: 'emergency', alert: { id, kind: 'real', level: 2 } } }, { type: 'alert', data: { id, state: 'on-air' } }])
  t.same(none.events().map(({ type }) => type), ['fault'])
})
