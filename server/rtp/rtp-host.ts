import { randomBytes } from 'node:crypto'
import { parseFormat, type AudioFormat } from '../../codec/index.ts'
import { SAP_MAX_BYTES, SAP_PORT, sapGroup, sapPacket, type RtpCodec } from '../../codec/rtp/index.ts'
import type { Clock, TimerHandle } from '../../rooms/clock.ts'
import type { FanOut } from '../../rooms/fan-out.ts'
import type { HouseClock } from '../../rooms/house-clock.ts'
import type { Listener } from '../../rooms/listener.ts'
import type { RtpOutputs, RtpOutputSpec, RtpStatus } from '../link/rtp-messages.ts'
import { AddressProof } from './address-proof.ts'
import { describeOutput } from './describe-output.ts'
import { frameWire } from './frame-wire.ts'
import { MulticastTransport } from './multicast-transport.ts'
import { RtpOutput, type Gate } from './rtp-output.ts'
import type { RtpTransport, TransportEvents } from './transport.ts'
import { UnicastPort } from './unicast-port.ts'

export interface RtpHostOptions {
  /** Format of Opus outputs. */
  readonly opusFormat: string
  readonly host: string
  /** UDP port of unicast outputs; RTCP is one above it. */
  readonly rtpPort: number
}

export interface RtpHostPorts {
  readonly fanOut: FanOut
  readonly house: HouseClock
  readonly clock: Clock
  /** Of what a cluster hears: the same in all outputs. */
  readonly presentationDelayMs: (clusterId: string) => number
  /** Encodes silence and attention tones of a format now, so that no emergency has to wait for it. */
  readonly prepare: (format: AudioFormat) => void
}

/** How a host reaches the network; tests put their own in its place. */
export interface RtpNetwork {
  multicast(spec: RtpOutputSpec, events: TransportEvents): RtpTransport
  unicast(spec: RtpOutputSpec, events: TransportEvents): RtpTransport
  close(): void
}

/**
 * RFC 2974, 3.1 has an announcement come every five minutes or more; equipment that follows AES67 sends it every 30 s, and people who
 * switch on a speaker wait for it. The bandwidth stays within the RFC's 4000 bit/s.
 */
const SAP_LEAST_MS = 30_000
const SAP_BITS_PER_SECOND = 4000

/** Frames are given to outputs one by one, at each edge. */
const FLUSH_MS = 20

interface Running {
  readonly output: RtpOutput
  readonly listener: Listener
  readonly text: string
  proof: AddressProof | null
  sap: TimerHandle | null
  announce: (deletion: boolean) => void
}

/** The RTP outputs of this process: those it sends, or those it keeps ready for when the process that sends them is gone. */
export class RtpHost {
  readonly #ports: RtpHostPorts
  readonly #options: RtpHostOptions
  readonly #network: RtpNetwork
  readonly #secret = randomBytes(32)
  readonly #running = new Map<string, Running>()
  #active = false

  constructor(ports: RtpHostPorts, options: RtpHostOptions, network?: RtpNetwork) {
    this.#ports = ports
    this.#options = options
    this.#network = network ?? realNetwork(ports.clock, options)
  }

  /** Carries out what control says: the whole list, every time. What is there already and stays goes on untouched. */
  apply({ outputs, active, provenUntilSamples }: RtpOutputs): void {
    const wanted = new Map(outputs.map((spec) => [spec.id, spec]))
    for (const [id, running] of this.#running) {
      const spec = wanted.get(id)
      // An output that is missing from the list of who sends was removed; everything else is sent by somebody else from now on.
      if (spec === undefined) this.#end(running, this.#active && active ? 'the output was removed' : null)
      else if (JSON.stringify(spec) !== running.text || (running.output.active && !active)) this.#end(running, null)
    }
    this.#active = active
    for (const spec of outputs) {
      const running = this.#running.get(spec.id) ?? this.#start(spec)
      if (active && !running.output.active) this.#activate(running, provenUntilSamples[spec.id])
    }
  }

  status(): RtpStatus {
    return { type: 'rtp-status', active: this.#active, outputs: [...this.#running.values()].map(({ output }) => output.status()) }
  }

  /** Idempotent. */
  close(): void {
    for (const running of this.#running.values()) this.#end(running, 'server shutdown')
    this.#network.close()
  }

  #start(spec: RtpOutputSpec): Running {
    const { fanOut, house, clock, presentationDelayMs, prepare } = this.#ports
    const format = this.#format(spec.codec)
    prepare(format)
    const output = new RtpOutput(spec, { house, clock }, () => presentationDelayMs(spec.clusterId))
    const listener = fanOut.join({ sink: output, hears: { followsClusterId: spec.clusterId }, format, wire: frameWire, flushMs: FLUSH_MS, burstMs: 0 })
    const running: Running = { output, listener, text: JSON.stringify(spec), proof: null, sap: null, announce: () => undefined }
    this.#running.set(spec.id, running)
    return running
  }

  #activate(running: Running, provenUntilSamples: number | undefined): void {
    const { output } = running
    const { spec } = output
    const onRtcp = (datagram: Buffer): void => {
      output.takeReport(datagram)
    }
    if (spec.mode === 'multicast') {
      const transport = this.#network.multicast(spec, { onRtcp, onDatagram: () => null })
      output.activate(transport, ALWAYS_OPEN)
      if (spec.sap) this.#announceOften(running, transport)
      return
    }
    const { clock, house } = this.#ports
    const proof = new AddressProof({
      secret: this.#secret, clock, address: spec.address, port: spec.port,
      ...(provenUntilSamples === undefined ? {} : { provenUntilMs: house.monotonicMsAt(provenUntilSamples) }),
    })
    running.proof = proof
    const transport = this.#network.unicast(spec, { onRtcp, onDatagram: (datagram) => proof.take(datagram) })
    output.activate(transport, gateOf(proof, house))
  }

  #announceOften(running: Running, transport: RtpTransport): void {
    const { spec } = running.output
    running.announce = (deletion) => {
      const { sdp, originAddress } = describeOutput(spec)
      const packet = sapPacket(originAddress, sdp, deletion)
      if (packet.length <= SAP_MAX_BYTES) transport.sendTo(packet, SAP_PORT, sapGroup(spec.address))
    }
    const again = (): void => {
      running.announce(false)
      const announced = [...this.#running.values()].filter(({ output }) => output.spec.sap).length
      const leastMs = Math.max(SAP_LEAST_MS, (announced * SAP_MAX_BYTES * 8 * 1000) / SAP_BITS_PER_SECOND)
      // As far off as a third either way, so that servers do not announce in step (RFC 2974, 3.1).
      running.sap = this.#ports.clock.setTimer(leastMs * (2 / 3 + (2 / 3) * Math.random()), again)
    }
    // The sockets are open within a moment.
    running.sap = this.#ports.clock.setTimer(FIRST_ANNOUNCEMENT_MS, again)
  }

  #end(running: Running, farewell: string | null): void {
    const { output, listener } = running
    if (!this.#running.delete(output.spec.id)) return
    running.sap?.cancel()
    if (farewell !== null && output.active) running.announce(true)
    this.#ports.fanOut.leave(listener)
    output.end(farewell)
  }

  #format(codec: RtpCodec): AudioFormat {
    switch (codec) {
      case 'opus': return parseFormat(this.#options.opusFormat)
      case 'l16': return parseFormat('l16-48k')
      case 'pcmu': return parseFormat('pcmu-8k')
    }
  }
}

const FIRST_ANNOUNCEMENT_MS = 200

const ALWAYS_OPEN: Gate = { open: true, untilSamples: null, heard: () => undefined }

function gateOf(proof: AddressProof, house: HouseClock): Gate {
  return {
    get open() {
      return proof.proven
    },
    get untilSamples() {
      return Math.floor(house.samplesAt(proof.provenUntilMs))
    },
    heard() {
      proof.heard()
    },
  }
}

function realNetwork(clock: Clock, options: RtpHostOptions): RtpNetwork {
  const unicast = new UnicastPort(options.host, options.rtpPort, clock)
  return {
    multicast: (spec, events) => new MulticastTransport({ group: spec.address, port: spec.port, ttl: spec.ttl, dscp: spec.dscp, interface: spec.interface }, clock, events),
    unicast: (spec, events) => unicast.transport(spec.address, spec.port, spec.dscp, events),
    close() {
      unicast.close()
    },
  }
}

