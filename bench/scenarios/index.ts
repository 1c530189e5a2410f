import type { Scenario } from '../lib/scenario.ts'
import { api } from './api.ts'
import { apiCommands, apiReads } from './api-district.ts'
import { connect } from './connect.ts'
import { cpuPerListener } from './cpu-per-listener.ts'
import { cutIn } from './cut-in.ts'
import { failover } from './failover.ts'
import { lateness } from './lateness.ts'
import { memory } from './memory.ts'
import { polygon } from './polygon.ts'
import { programmes } from './programmes.ts'
import { replan } from './replan.ts'
import { slowListeners } from './slow-listeners.ts'
import { stalls } from './stalls.ts'
import { startup } from './startup.ts'

/** In the order of the table in the README. */
export const SCENARIOS: readonly Scenario[] = [cpuPerListener, connect, cutIn, lateness, memory, programmes, slowListeners, api, apiReads, apiCommands, polygon, replan, startup, stalls, failover]
