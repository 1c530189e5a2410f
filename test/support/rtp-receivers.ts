import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs'

export const LOOPBACK = '127.0.0.1'

const bound = (socket: Socket, port: number): Promise<Socket> => new Promise((resolve, reject) => {
  socket.once('error', reject)
  socket.bind(port, () => { resolve(socket) })
})

/** A socket that hears a group on the loopback interface. */
export async function joinGroup(group: string, port: number, onDatagram: (datagram: Buffer) => void): Promise<Socket> {
  const socket = await bound(createSocket({ type: 'udp4', reuseAddr: true, recvBufferSize: 4 * 1024 * 1024 }), port)
  socket.addMembership(group, LOOPBACK)
  socket.on('message', (datagram) => { onDatagram(datagram) })
  return socket
}

/** A socket of this machine alone. */
export async function localSocket(port: number, onDatagram: (datagram: Buffer, port: number) => void): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.on('message', (datagram, from) => { onDatagram(datagram, from.port) })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, LOOPBACK, resolve)
  })
  return socket
}

/** Two free UDP ports one after the other, the first even. */
export async function freePortPair(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    // Below those that the system gives to sockets that ask for none.
    const port = 20_000 + 2 * Math.floor(Math.random() * 6000)
    const sockets: Socket[] = []
    try {
      for (const one of [port, port + 1]) sockets.push(await localSocket(one, () => undefined))
      return port
    } catch {
      // Somebody has it.
    } finally {
      for (const socket of sockets) socket.close()
    }
  }
  throw new Error('no pair of free UDP ports')
}

/** Datagrams that the kernel of this machine has thrown away so far, since nobody took them in time. */
export function droppedByKernel(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'latin1').split('\n').filter((line) => line.startsWith('Udp:'))
  const atSockets = Number(values.split(' ')[names.split(' ').indexOf('RcvbufErrors')])
  // Column 2, hexadecimal, a line for each processor: the queue before the sockets was full.
  const before = readFileSync('/proc/net/softnet_stat', 'latin1').trim().split('\n').reduce((sum, line) => sum + parseInt(line.split(' ')[1]!, 16), 0)
  return atSockets + before
}

/** Why there is no multicast on the loopback interface here, or undefined when there is. */
export async function multicastFault(): Promise<string | undefined> {
  try {
    const port = await freePortPair()
    let heard = false
    const receiver = await joinGroup('239.255.77.77', port, () => { heard = true })
    const sender = createSocket('udp4')
    await new Promise<void>((resolve) => { sender.bind(0, resolve) })
    sender.setMulticastInterface(LOOPBACK)
    sender.setMulticastTTL(0)
    for (let n = 0; n < 50 && !heard; n += 1) {
      await new Promise<void>((resolve) => { sender.send(Buffer.from('x'), port, '239.255.77.77', () => { setImmediate(resolve) }) })
    }
    receiver.close()
    sender.close()
    return heard ? undefined : 'the loopback interface carries no multicast'
  } catch (error) {
    return `no multicast on the loopback interface: ${String(error)}`
  }
}

export const hasProgram = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

/** A receiver of others that writes what it hears as 16-bit mono samples at 48 kHz. */
export interface Receiver {
  readonly name: string
  readonly process: ChildProcess
  readonly log: () => string
  readonly heardMs: () => number
  readonly pcm: () => Float32Array
  /** The newest second of it, or what there is. */
  readonly lastSecond: () => Float32Array
}

/** ffmpeg reading an SDP file from the loopback interface. */
export function ffmpegReceiver(name: string, sdp: string, file: string, more: { readonly input?: readonly string[]; readonly output?: readonly string[] } = {}): Receiver {
  writeFileSync(`${file}.sdp`, sdp)
  return started(name, 'ffmpeg', ['-y', '-nostdin', '-v', 'warning', '-protocol_whitelist', 'file,udp,rtp', '-localaddr', LOOPBACK, ...(more.input ?? []), '-i', `${file}.sdp`, ...(more.output ?? []), '-flush_packets', '1', '-f', 's16le', '-ac', '1', '-ar', '48000', file], file)
}

/**
 * GStreamer with its own jitter buffer, which hands losses on to the decoder to be concealed.
 * @param reports ports of this machine: where sender reports come, and where its receiver reports go; left out: it takes and sends none
 */
export function gstreamerReceiver(name: string, source: readonly string[], file: string, reports?: { readonly from: number; readonly to: number }): Receiver {
  const caps = 'caps=application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,payload=96'
  const rtcp = reports === undefined ? [] : ['udpsrc', `address=${LOOPBACK}`, `port=${String(reports.from)}`, 'caps=application/x-rtcp', '!', 'bin.recv_rtcp_sink_0', 'bin.send_rtcp_src_0', '!', 'udpsink', `host=${LOOPBACK}`, `port=${String(reports.to)}`, 'sync=false', 'async=false']
  return started(name, 'gst-launch-1.0', [
    '-q', 'rtpbin', 'name=bin', 'latency=200', 'do-lost=true', 'udpsrc', ...source, caps, '!', 'bin.recv_rtp_sink_0', 'bin.', '!', 'rtpopusdepay', '!', 'opusdec', 'plc=true', '!', 'audioconvert', '!',
    'audio/x-raw,format=S16LE,channels=1,rate=48000', '!', 'filesink', 'buffer-mode=unbuffered', `location=${file}`, ...rtcp,
  ], file)
}

const samplesOf = (bytes: Buffer): Float32Array => Float32Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(index * 2) / 32768)

function started(name: string, program: string, args: readonly string[], file: string): Receiver {
  const process = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  process.stderr.on('data', (chunk: Buffer) => { log += chunk.toString('utf8') })
  return {
    name,
    process,
    log: () => log,
    heardMs: () => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / 96,
    pcm: () => samplesOf(readFileSync(file)),
    lastSecond: () => {
      const wholeBytes = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) & ~1
      const bytes = Buffer.alloc(Math.min(wholeBytes, 96_000))
      if (bytes.length === 0) return new Float32Array()
      const descriptor = openSync(file, 'r')
      readSync(descriptor, bytes, 0, bytes.length, wholeBytes - bytes.length)
      closeSync(descriptor)
      return samplesOf(bytes)
    },
  }
}

/** Ends a receiver and waits until it has written what it has. */
export async function endReceivers(receivers: readonly Receiver[]): Promise<void> {
  await Promise.all(receivers.map(({ process }) => new Promise<void>((resolve) => {
    if (process.exitCode !== null || process.signalCode !== null) {
      resolve()
      return
    }
    process.once('exit', () => { resolve() })
    process.kill('SIGINT')
  })))
}
