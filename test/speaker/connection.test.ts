import t from 'tap'
import { Connection, type ConnectionState } from '../../speaker/client/connection.ts'
import { attemptTimeoutMs, retryDelayMs } from '../../speaker/client/retry.ts'
import { keyIdentity } from '../../speaker/key-identity.ts'
import type { Identity, LinkEvents } from '../../speaker/ports.ts'

const WELCOME = JSON.stringify({ type: 'welcome', protocol: 1, format: 'opus-32', codec: 'opus', sampleRateHz: 48_000, frameSamples: 960, codecDelaySamples: 312, presentationDelayMs: 800, houseUs: 1 })

/** A connection on links that the test plays the server of. */
function build(identity: Identity = keyIdentity('c1', 'k1'), random = 0.5) {
  const links: { events: LinkEvents; sent: Record<string, unknown>[]; ended: string }[] = []
  const log: string[] = []
  const connection = new Connection({
    identity,
    format: 'opus-32',
    capabilities: [],
    random: () => random,
    burstMs: () => 700,
    connect: (events) => {
      const link = { events, sent: [] as Record<string, unknown>[], ended: '' }
      links.push(link)
      return {
        sendText: (text) => { link.sent.push(JSON.parse(text) as Record<string, unknown>) },
        close: (code) => {
          link.ended = `close ${String(code)}`
          events.closed(code, '')
        },
        destroy: () => {
          link.ended = 'destroy'
          events.closed(1006, '')
        },
      }
    },
    events: {
      welcome: () => { log.push('welcome') },
      message: ({ type }) => { log.push(type) },
      audio: () => { log.push('audio') },
      lost: ({ code }, retryMs) => { log.push(`lost ${String(code)} ${String(Math.round(retryMs))}`) },
    },
  })
  return { connection, links, log, state: (): ConnectionState => connection.state }
}

t.test('it greets, is welcomed, and hands over what comes', (t) => {
  const { connection, links, log, state } = build()
  connection.turn(1000)
  t.equal(state(), 'opening')
  links[0]!.events.binary(Buffer.of(1))
  links[0]!.events.open()
  t.match(links[0]!.sent, [{ type: 'hello', protocol: 1, clusterId: 'c1', key: 'k1', format: 'opus-32', burstMs: 700 }])
  t.equal(connection.send({ type: 'status' }), false, 'nothing before the welcome')
  links[0]!.events.text(WELCOME)
  t.equal(state(), 'live')
  links[0]!.events.text('{"type":"clock"}')
  links[0]!.events.text('no JSON')
  links[0]!.events.text('[]')
  links[0]!.events.binary(Buffer.of(1))
  t.same(log, ['welcome', 'clock', 'audio'], 'sound before the welcome is not taken')
  t.equal(connection.send({ type: 'status' }), true)
  t.end()
})

t.test('an enrolled device answers the challenge; a plain key has no answer and is given up in time', (t) => {
  const device = build({ kind: 'device', clusterId: 'c1', hello: () => ({ deviceId: 'd', instanceId: 'i' }), prove: (nonce) => `signed ${nonce}` })
  device.connection.turn(0)
  device.links[0]!.events.open()
  device.links[0]!.events.text('{"type":"challenge","nonce":"n1"}')
  t.match(device.links[0]!.sent, [{ deviceId: 'd', instanceId: 'i' }, { type: 'proof', signature: 'signed n1' }])
  device.links[0]!.events.text(WELCOME)
  t.equal(device.state(), 'live')
  const plain = build()
  plain.connection.turn(0)
  plain.links[0]!.events.open()
  plain.links[0]!.events.text('{"type":"challenge","nonce":"n1"}')
  t.equal(plain.links[0]!.sent.length, 1)
  plain.connection.turn(2000)
  t.equal(plain.links[0]!.ended, 'destroy')
  t.end()
})

t.test('a server that says nothing for three seconds is left, and the next attempt begins soon', (t) => {
  const { connection, links, log, state } = build()
  connection.turn(0)
  links[0]!.events.open()
  connection.turn(2500)
  t.equal(state(), 'waiting', 'a welcome that does not come')
  connection.turn(10_000)
  links[1]!.events.open()
  links[1]!.events.text(WELCOME)
  connection.turn(12_900)
  t.equal(state(), 'live', 'time is counted from the welcome')
  links[1]!.events.binary(Buffer.of(1))
  connection.turn(15_800)
  t.equal(state(), 'live')
  connection.turn(16_000)
  t.equal(state(), 'waiting')
  t.match(log.at(-1), /^lost 1006 250$/)
  connection.turn(16_200)
  t.equal(links.length, 2)
  connection.turn(16_251)
  t.equal(links.length, 3)
  links[1]!.events.text(WELCOME)
  t.equal(state(), 'opening', 'what an old link still says does not count')
  connection.stop()
  connection.stop()
  t.equal(links[2]!.ended, 'close 1000')
  connection.turn(99_999)
  t.equal(links.length, 3, 'stopped is stopped')
  t.end()
})

t.test('a format that cannot be decoded is refused, with words', (t) => {
  const { connection, links, log } = build()
  connection.turn(0)
  links[0]!.events.open()
  links[0]!.events.text(WELCOME.replaceAll('opus-32', 'mp3-64').replace('"codec":"opus"', '"codec":"mp3"'))
  t.equal(links[0]!.ended, 'close 1003')
  t.match(log, [/^lost 1003/])
  t.end()
})

t.test('each ending has its own wait', (t) => {
  const wait = (code: number, reason = '', absentMs = 0, random = 0.5, retryAfterMs?: number): number => retryDelayMs({ code, reason, retryAfterMs }, absentMs, random)
  t.equal(wait(1001), 250, 'going down: at once, spread over half a second')
  t.equal(wait(1006, '', 5000, 1), 500)
  t.equal(wait(1006, '', 60_000, 1), 6000, 'the longer it is away, the longer the wait')
  t.equal(wait(1006, '', 3_600_000, 1), 30_000)
  t.equal(wait(1006, '', 3_600_000, 0), 0, 'full jitter')
  t.ok(wait(4009) >= 60_000, 'replaced: somebody else has this identity')
  for (const code of [4001, 4003, 4004, 4401]) t.ok(wait(code) >= 30_000, `${String(code)} is for people to put right`)
  t.equal(wait(4401, '503 STREAM_ERR_NOT_READY', 0, 0, 1000), 1000, 'the server names the wait')
  t.equal(wait(4401, '409 STREAM_ERR_IN_USE', 0, 1, 12_000), 15_000, 'and never is it shorter')
  t.ok(attemptTimeoutMs(0) < attemptTimeoutMs(100_000))
  t.end()
})
