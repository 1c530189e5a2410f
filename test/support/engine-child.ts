import { pino } from 'pino'
import { loadConfig } from '../../server/config.ts'
import { runEngine } from '../../server/roles/engine.ts'
import { systemClock } from '../../server/system-clock.ts'
import type { HouseAnchor } from '../../rooms/house-clock.ts'

// One engine as a process of its own, as the supervisor starts it; told by environment what the supervisor tells by message.
const anchor = JSON.parse(process.env['LOA_TEST_ANCHOR']!) as HouseAnchor
const engine = await runEngine({ config: loadConfig(), anchor, index: Number(process.env['LOA_TEST_INDEX']), clock: systemClock, logger: pino({ level: 'debug' }) })
process.send!('ready')
process.once('SIGTERM', () => { void engine.close().then(() => process.exit(0)) })
process.once('disconnect', () => process.exit(1))
