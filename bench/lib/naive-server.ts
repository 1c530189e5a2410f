import { createServer, type ServerResponse } from 'node:http'

/**
 * What a few lines of plain Node do for the same load, for reference beside the floor: one response a listener, one
 * `write()` each flush, listeners spread over phases. Usage: node naive-server.ts PORT FLUSH_MS
 */
const port = Number(process.argv[2])
const flushMs = Number(process.argv[3] ?? 288)
const PHASES = 24
const BYTES_PER_SECOND = 8000

const phases: Set<ServerResponse>[] = Array.from({ length: PHASES }, () => new Set())
const chunk = Buffer.alloc((BYTES_PER_SECOND * flushMs) / 1000)
let joined = 0

createServer((_request, response) => {
  const phase = phases[joined++ % PHASES]!
  response.writeHead(200, { 'content-type': 'audio/mpeg' })
  response.flushHeaders()
  phase.add(response)
  response.on('close', () => phase.delete(response))
}).listen({ port, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log('listening')
})

const stepMs = flushMs / PHASES
let turn = 0
let nextMs = performance.now() + stepMs
function step(): void {
  while (performance.now() >= nextMs) {
    for (const response of phases[turn++ % PHASES]!) response.write(chunk)
    nextMs += stepMs
  }
  setTimeout(step, Math.max(0, nextMs - performance.now()))
}
step()
