import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ControlClock, ControlConfig } from './ports.ts'
import { ApiError } from './problem.ts'
import { TokenBuckets } from './rate-limit.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Calls are counted apart, and generously, because somebody may depend on them. Left out: so it is where the right to give emergencies counts. */
    urgent?: boolean
  }
}

const BURST_SECONDS = 10
/** Of what puts sound on the air and takes it off: more than hands can do, less than keeps the disk from everybody else. */
const URGENT_PER_SECOND = 100

/**
 * How many calls a token or a user may make: of reading, of changing, and of what is urgent, each a budget of its own, so that no program that
 * reads or changes too much keeps its owner from stopping an order. A stream that is open counts as one call. The headers are those of
 * draft-ietf-httpapi-ratelimit-headers.
 */
export function installCallBudgets(app: FastifyInstance, clock: ControlClock, { apiReadsPerSecond, apiCommandsPerSecond }: Pick<ControlConfig, 'apiReadsPerSecond' | 'apiCommandsPerSecond'>): void {
  const budgetOf = (perSecond: number): TokenBuckets => new TokenBuckets(clock, { perSecond, burst: perSecond * BURST_SECONDS })
  const budgets = { reads: budgetOf(apiReadsPerSecond), commands: budgetOf(apiCommandsPerSecond), urgent: budgetOf(URGENT_PER_SECOND) }

  app.addHook('onRequest', (request, reply, done) => {
    const name = budgetFor(request)
    const { identity } = request
    // 0: as much as they like.
    if (identity === null || (name === 'reads' && apiReadsPerSecond === 0) || (name === 'commands' && apiCommandsPerSecond === 0)) {
      done()
      return
    }
    const { burst, perSecond } = budgets[name]
    const { left, waitSeconds, fullInSeconds } = budgets[name].take(identity.actorId)
    void reply.header('RateLimit-Policy', `"${name}";q=${String(burst)};w=${String(Math.ceil(burst / perSecond))}`).header('RateLimit', `"${name}";r=${String(left)};t=${String(waitSeconds > 0 ? waitSeconds : fullInSeconds)}`)
    done(waitSeconds === 0 ? undefined : new ApiError('LOA_ERR_RATE', `more than ${String(perSecond)} calls a second (${name}) for longer than ${String(BURST_SECONDS)} s`, `hơn ${String(perSecond)} yêu cầu mỗi giây (${name}) trong hơn ${String(BURST_SECONDS)} giây`, { headers: { 'Retry-After': String(waitSeconds) } }))
  })
}

function budgetFor({ method, routeOptions: { config: { access, urgent = access?.anyOf?.includes('emergency') } } }: FastifyRequest): 'reads' | 'commands' | 'urgent' {
  if (method === 'GET' || method === 'HEAD') return 'reads'
  return urgent === true ? 'urgent' : 'commands'
}
