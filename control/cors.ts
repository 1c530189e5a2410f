import type { FastifyInstance } from 'fastify'

/**
 * Lets pages of the listed origins call the API (Fetch standard, CORS protocol). Tokens travel in a header, never in cookies, so no
 * credentials mode is offered. With an empty list nothing is sent, and browsers refuse.
 * @param origins comma-separated, such as `https://console.example.vn,http://localhost:5173`
 */
export function installCors(app: FastifyInstance, origins: string): void {
  const allowed = new Set(origins.split(',').map((origin) => origin.trim().replace(/\/$/, '')).filter((origin) => origin !== ''))
  if (allowed.size === 0) return
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('Vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !allowed.has(origin)) return
    void reply.header('Access-Control-Allow-Origin', origin).header('Access-Control-Expose-Headers', 'Location, ETag, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed')
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return
    return reply
      .status(204)
      .header('Access-Control-Allow-Methods', 'GET, POST, PATCH, DELETE')
      .header('Access-Control-Allow-Headers', 'Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID')
      .header('Access-Control-Max-Age', '600')
      .send()
  })
}
