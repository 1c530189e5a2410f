import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { connectControl } from '../../../server/link/control-link.ts'
import { ControlServer, type FanOutPeer } from '../../../server/link/control-server.ts'
import { frameJson, frameMessage, readMessages } from '../../../server/link/framed-socket.ts'
import type { ControlToFanOut, FanOutToControl } from '../../../server/link/messages.ts'
import { fc } from '../../support/seed.ts'
import { waitUntil } from '../../support/wait-until.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-link-'))
t.teardown(() => {
  rmSync(folder, { recursive: true, force: true })
})

const noPhone = (t: Test) => ({ onPhone: () => t.fail('no phone here'), onPhoneMessage: () => t.fail('no phone here'), onPhoneGone: () => t.fail('no phone here') })

t.test('property: messages come whole, however the bytes are cut', async (t) => {
  const seed = Date.now()
  t.comment(`seed ${String(seed)}`)
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (payloads, cuts) => {
    let feed: (chunk: Buffer) => void = () => undefined
    const socket = { destroyed: false, on: (_event: string, listener: (chunk: Buffer) => void) => { feed = listener } } as unknown as Socket
    const got: [number, Buffer][] = []
    readMessages(socket, (kind, payload) => got.push([kind, Buffer.from(payload)]))
    const bytes = Buffer.concat(payloads.map((payload, index) => frameMessage(index, Buffer.from(payload))))
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const length = cuts[turn % cuts.length]!
      feed(bytes.subarray(at, at + length))
      at += length
    }
    return got.length === payloads.length && got.every(([kind, payload], index) => kind === index && payload.equals(Buffer.from(payloads[index]!)))
  }), { seed })
  t.pass('held')
})

t.test('a length over the limit ends the connection', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    readMessages(socket, () => t.fail('no message'), 100)
  })
  const path = join(folder, 'limit.sock')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const client = connect(path)
  client.on('error', () => undefined)
  client.write(frameMessage(1, Buffer.alloc(101)))
  await new Promise((resolve) => client.once('close', resolve))
  server.close()
  t.pass('closed')
})

t.test('a role connects again when control comes back, and says hello each time', async (t) => {
  const path = join(folder, 'control.sock')
  const peers: FanOutPeer[] = []
  const heard: FanOutToControl[] = []
  let gone = 0
  const start = async (): Promise<ControlServer> => {
    const server = new ControlServer({
      onEngine: () => t.fail('no engine here'),
      onFanOut: (peer) => peers.push(peer),
      onEngineMessage: () => t.fail('no engine here'),
      onRecorder: () => false, onRecorderMessage: () => false, onFanOutMessage: (_peer, message) => heard.push(message),
      ...noPhone(t),
      onGone: () => {
        gone += 1
      },
    })
    await server.listen(path)
    return server
  }
  const orders: ControlToFanOut[] = []
  let greetings = 0
  const link = connectControl<ControlToFanOut, FanOutToControl>(path, { type: 'hello', version: 1, role: 'fan-out', index: 3, pid: 77 }, { onConnect: () => { greetings += 1 }, onMessage: (message) => orders.push(message) })
  t.teardown(() => {
    link.close()
  })
  link.send({ type: 'presence', complete: true, joined: [], left: [] })

  const first = await start()
  await waitUntil('the first hello', () => peers.length === 1)
  t.match(peers[0]!.hello, { role: 'fan-out', index: 3, pid: 77 })
  peers[0]!.send({ type: 'drop-connection', clusterId: 'c1', connectionId: null, reason: 'disabled' })
  await waitUntil('the order', () => orders.length === 1)
  first.close()
  await waitUntil('control sees it go', () => gone === 1)

  const second = await start()
  t.teardown(() => {
    second.close()
  })
  await waitUntil('the second hello', () => peers.length === 2)
  t.equal(greetings, 2)
  link.send({ type: 'presence', complete: true, joined: [], left: [] })
  await waitUntil('a message', () => heard.length === 1)
  t.equal(heard.length, 1, 'what was said while control was away is not repeated')
})

t.test('whoever speaks before hello, or another version, is cut', async (t) => {
  const path = join(folder, 'strict.sock')
  const server = new ControlServer({ onEngine: () => t.fail(), onFanOut: () => t.fail(), onEngineMessage: () => t.fail(), onRecorder: () => false, onRecorderMessage: () => false, onFanOutMessage: () => t.fail(), onGone: () => t.fail(), ...noPhone(t) })
  await server.listen(path)
  t.teardown(() => {
    server.close()
  })
  for (const message of [{ type: 'presence', complete: true, joined: [], left: [] }, { type: 'hello', version: 99, role: 'engine', index: 0, pid: 1 }]) {
    const client = connect(path)
    client.on('error', () => undefined)
    client.write(frameJson(message))
    await new Promise((resolve) => client.once('close', resolve))
    t.pass('cut')
  }
})
