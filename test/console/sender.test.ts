import { mock } from 'node:test'
import t from 'tap'
import { isLost, NoAnswer, PATIENCE, sender } from '../../console/src/api/sender.ts'

const URL_OF = 'http://loa.test/v1/'
const read = (path = 'orders'): Request => new Request(`${URL_OF}${path}`)
const post = (body: object, key: string, path = 'alerts'): Request => new Request(`${URL_OF}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key } })

/** Held as a browser holds what it has under way: of a request that is collected, Node's signal is never heard. */
const underWay: Request[] = []

/** A line on which nothing comes, until it is given up. */
const silent = (request: Request): Promise<Response> => new Promise((_resolve, reject) => {
  underWay.push(request)
  request.signal.addEventListener('abort', () => { reject(request.signal.reason as Error) })
})

/** Lets promises go on that wait for nothing but each other. */
const settle = async (): Promise<void> => { for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => { setImmediate(resolve) }) }

t.beforeEach(() => { mock.timers.enable({ apis: ['setTimeout', 'Date'] }) })
t.afterEach(() => { mock.timers.reset() })

t.test('a read that gets no answer fails after its time, and may be asked again', async (t) => {
  const failed = sender(silent)(read()).then(() => null, (error: unknown) => error)
  let isOver = false
  void failed.then(() => { isOver = true })
  await settle()
  mock.timers.tick(PATIENCE.readMs - 1)
  await settle()
  t.notOk(isOver)
  mock.timers.tick(1)
  const error = await failed
  t.match(error, { name: 'TimeoutError' })
  t.ok(isLost(error))
})

t.test('each piece of an answer begins the time anew; when they stop coming, it fails', async (t) => {
  let line!: ReadableStreamDefaultController<Uint8Array>
  const send = async (request: Request): Promise<Response> => new Response(new ReadableStream({ start(controller) {
    line = controller
    underWay.push(request)
    request.signal.addEventListener('abort', () => { controller.error(request.signal.reason) })
  } }))
  const answer = await sender(send)(read())
  const text = answer.text().then((all) => all, (error: unknown) => error)
  for (let piece = 0; piece < 3; piece += 1) {
    line.enqueue(new TextEncoder().encode('{'))
    await settle()
    mock.timers.tick(PATIENCE.readMs - 1)
    await settle()
  }
  mock.timers.tick(1)
  t.match(await text, { name: 'TimeoutError' })
})

t.test('an answer is what it was, with the address that refusals name', async (t) => {
  const plain = Object.defineProperty(new Response('{"code":"LOA_ERR_NOT_FOUND"}', { status: 404, headers: { ETag: '"7"' } }), 'url', { value: `${URL_OF}orders` })
  const answer = await sender(async () => plain)(read())
  t.match({ status: answer.status, url: answer.url, tag: answer.headers.get('ETag'), body: await answer.json() }, { status: 404, url: `${URL_OF}orders`, tag: '"7"', body: { code: 'LOA_ERR_NOT_FOUND' } })
  t.equal((await sender(async () => new Response(null, { status: 204 }))(new Request(`${URL_OF}orders/1`, { method: 'DELETE' }))).status, 204)
})

t.test('of a write without an answer nobody knows whether it was done', async (t) => {
  const failed = sender(silent)(post({ title: 'a' }, 'k1')).then(() => null, (error: unknown) => error)
  await settle()
  mock.timers.tick(PATIENCE.readMs)
  await settle()
  mock.timers.tick(PATIENCE.writeMs - PATIENCE.readMs)
  const error = await failed
  t.type(error, NoAnswer)
  for (const send of [async () => { throw new TypeError('Failed to fetch') }, async () => new Response('<html>', { status: 504 })]) await t.rejects(sender(send)(post({}, 'k2')), NoAnswer)
  await t.rejects(sender(async () => { throw new DOMException('the reader went away', 'AbortError') })(post({}, 'k3')), { name: 'AbortError' })
  await t.rejects(sender(async () => { throw new TypeError('Failed to fetch') })(post({}, 'k4', 'targets/preview')), TypeError, 'to ask with a body does nothing')
})

t.test('an answer of which only a part came is none', async (t) => {
  const half = new ReadableStream({ start(controller) { controller.enqueue(new TextEncoder().encode('{"id":')); controller.error(new TypeError('network error')) } })
  await t.rejects(sender(async () => new Response(half, { status: 201 }))(post({}, 'k1')), NoAnswer)
})

t.test('the same POST after a lost answer goes under the same key, for a while', async (t) => {
  const keys: (string | null)[] = []
  let isLost = true
  const send = sender(async (request) => {
    keys.push(request.headers.get('Idempotency-Key'))
    t.equal(await request.text() === '', false, 'with its body')
    if (isLost) throw new TypeError('Failed to fetch')
    return new Response('{}', { status: 201 })
  })
  await t.rejects(send(post({ title: 'lũ' }, 'k1')))
  await t.rejects(send(post({ title: 'lũ' }, 'k2')))
  await t.rejects(send(post({ title: 'bão' }, 'k3')))
  isLost = false
  await send(post({ title: 'lũ' }, 'k4'))
  await send(post({ title: 'lũ' }, 'k5'))
  t.same(keys, ['k1', 'k1', 'k3', 'k1', 'k5'], 'answered once, the next is another deed')
  mock.timers.tick(120_001)
  await send(post({ title: 'bão' }, 'k6'))
  t.equal(keys.at(-1), 'k6', 'who comes back later means another')
})
