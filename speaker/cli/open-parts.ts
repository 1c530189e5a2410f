import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RequestOptions } from 'node:https'
import type { Agent, AgentOptions } from '../agent.ts'
import { openAlone, type OpenedAlone } from '../alone/open-alone.ts'
import { pinnedTls } from '../client/ws-link.ts'
import { ExecutableHooks, parseHooks } from '../hooks.ts'
import { keyIdentity } from '../key-identity.ts'
import type { Identity, LocalClock } from '../ports.ts'
import { deviceIdentity } from '../trust/device-identity.ts'
import { TrustFiles } from '../trust/trust-files.ts'
import { TrustGate } from '../trust/trust-gate.ts'
import type { CliOptions } from './options.ts'

const USUAL_DELAY_MS = 800

export interface OpenedParts {
  readonly agentOptions: Pick<AgentOptions, 'identity'> & Partial<Pick<AgentOptions, 'gate' | 'alone' | 'playLog' | 'refreshBundle' | 'hooks' | 'storage'>>
  /** Idempotent. */
  close(): Promise<void>
}

/**
 * What a device keeps on its disk: who it is, whom it believes, what it may play alone, what it has played. Without a folder: a plain key and nothing else.
 * @param agent of which the parts ask time and connection; null until it is made
 */
export async function openParts(options: CliOptions, clock: LocalClock, agent: () => Agent | null, onFault: (reason: string) => void): Promise<OpenedParts> {
  const { state, cluster, key } = options
  const hooks = options.hooks === undefined ? null : new ExecutableHooks(parseHooks(JSON.parse(readFileSync(options.hooks, 'utf8'))), clock)
  const ofHooks = hooks === null ? {} : { hooks }
  const closeHooks = (): Promise<void> => Promise.resolve(hooks?.close())
  if (state === undefined) return { agentOptions: { identity: keyIdentity(cluster ?? '', key ?? ''), ...ofHooks }, close: closeHooks }

  const files = new TrustFiles(join(state, 'trust'))
  const device = await files.identity()
  let alone: OpenedAlone | null = null
  const gate = device === null
    ? null
    : await TrustGate.open({
      files,
      onBundle: (message, body) => alone === null ? Promise.resolve(false) : alone.onBundle(message, body),
      onFault: (error) => { onFault(String(error)) },
    })
  const identity: Identity | undefined = device !== null ? deviceIdentity(device) : cluster !== undefined && key !== undefined ? keyIdentity(cluster, key) : undefined
  if (identity === undefined) throw new RangeError(`there is no enrolled device in ${state}: run it once with --enrol CODE`)
  if (device !== null && gate === null) throw new RangeError(`the keys in ${state} cannot be read: enrol the device anew`)

  const tls: RequestOptions | undefined = options.pins.length === 0 ? undefined : pinnedTls(options.pins)
  alone = await openAlone({
    stateDir: state,
    clock,
    wallMs: Date.now,
    server: options.server,
    ...(tls === undefined ? {} : { tls }),
    identity,
    verifies: gate !== null,
    ...(gate === null ? {} : { verifyStored: (envelope, houseUs) => gate.verifyStored(envelope, houseUs) }),
    houseUs: () => {
      const houseUs = agent()?.house.usAt(clock.monotonicMs())
      return houseUs === undefined || Number.isNaN(houseUs) ? null : houseUs
    },
    presentationDelayMs: () => agent()?.presentationDelayMs ?? USUAL_DELAY_MS,
    send: (message) => { agent()?.connection.send(message) },
    ...(hooks === null ? {} : { readings: () => hooks.readings() }),
    ...(hooks?.hasFallback === true ? { fallback: (isOn: boolean) => hooks.fallback(isOn) } : {}),
  })
  const opened = alone
  return {
    agentOptions: { identity, alone: opened.source, playLog: opened.playLog, refreshBundle: () => opened.refreshBundle(), storage: opened.storage, ...ofHooks, ...(gate === null ? {} : { gate }) },
    async close() {
      await opened.close()
      await closeHooks()
    },
  }
}
