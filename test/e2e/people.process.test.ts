import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { LoaServer } from '../support/loa-server.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const PASSWORD = 'bốn con mèo ngủ trưa'
/** What is taken away must not be of use for longer. */
const SOON_MS = 5000

interface Stream {
  readonly bytes: () => number
  readonly ended: () => boolean
}

function listenTo(t: Test, url: string, secret: string): Stream {
  const abort = new AbortController()
  t.teardown(() => { abort.abort() })
  let bytes = 0
  let ended = false
  void (async () => {
    // A fan-out learns of a new token a moment after it was made.
    const response = await waitUntil('it is let in', async () => {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${secret}` }, signal: abort.signal })
      return answer.status === 200 ? answer : undefined
    })
    for await (const chunk of response.body!) bytes += (chunk as Uint8Array).length
  })().catch(() => undefined).finally(() => { ended = true })
  return { bytes: () => bytes, ended: () => ended }
}

function watch(t: Test, server: LoaServer, secret: string): { readonly ended: () => boolean } {
  const socket = new WebSocket(`${server.api.replace('http', 'ws')}/v1/events`, { headers: { authorization: `Bearer ${secret}` } })
  t.teardown(() => { socket.terminate() })
  let ended = false
  socket.on('close', () => { ended = true }).on('error', () => undefined)
  return { ended: () => ended }
}

t.test('what is taken away ends open streams, on the API and where sound is served', async (t) => {
  const server = await LoaServer.start(t, { LOA_FAN_OUT_PROCESSES: '2' })
  const roles = [{ role: 'viewer', unitId: null }]
  const source = await server.tone('Thử', 700)
  const token = (await server.post('/v1/tokens', { name: 'máy nghe', roles })) as { id: string; token: string }
  const user = (await server.post('/v1/users', { login: 'lan', name: 'Lan', password: PASSWORD, roles })) as { id: string }
  const login = (): Promise<{ id: string; token: string }> => server.post('/v1/sessions', { login: 'lan', password: PASSWORD, as: 'token' }) as Promise<{ id: string; token: string }>
  const [session, other] = [await login(), await login()]
  const url = `${server.stream}/monitor/${source}.mp3`
  // Some connections of each, so that both fan-outs have them.
  const streams = Object.fromEntries([['token', token.token], ['session', session.token], ['other', other.token]].map(([name, secret]) => [name!, Array.from({ length: 4 }, () => listenTo(t, url, secret!))]))
  const watchers = { token: watch(t, server, token.token), session: watch(t, server, session.token), other: watch(t, server, other.token) }
  await waitUntil('all hear', () => Object.values(streams).flat().every(({ bytes }) => bytes() > 1000))

  const end = async (name: 'token' | 'session' | 'other', path: string): Promise<void> => {
    const begun = performance.now()
    t.equal((await server.request('DELETE', path)).status, 204)
    await waitUntil(`${name} hears nothing any more`, () => streams[name]!.every(({ ended }) => ended()) && watchers[name].ended(), SOON_MS)
    t.comment(`${name}: ${(performance.now() - begun).toFixed(0)} ms`)
  }
  await end('session', `/v1/sessions/${session.id}`)
  t.ok(streams['other']!.every(({ ended }) => !ended()), 'his other session goes on')
  await end('token', `/v1/tokens/${token.id}`)
  t.ok(streams['other']!.every(({ ended }) => !ended()))
  await end('other', `/v1/users/${user.id}`)
  for (const secret of [token.token, session.token, other.token]) t.equal((await fetch(url, { headers: { authorization: `Bearer ${secret}` } })).status, 401)
})
