import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import multipart from '@fastify/multipart'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import websocket from '@fastify/websocket'
import apiReference from '@scalar/fastify-api-reference'
import fastify, { LogController, type FastifyBaseLogger } from 'fastify'
import { PUBLIC } from './access.ts'
import { installAudit } from './audit.ts'
import { installAuth } from './auth.ts'
import { installCallBudgets } from './call-budget.ts'
import { ClipUploads } from './clip-uploads.ts'
import { ClipWork } from './clip-work.ts'
import type { Context, ControlApp } from './context.ts'
import { installCors } from './cors.ts'
import { sendProblem } from './error-handler.ts'
import { EventHub } from './event-hub.ts'
import { Creations } from './idempotency.ts'
import { LoginGuard } from './login-guard.ts'
import { Logins } from './logins.ts'
import { takeOnlyJson } from './json-body.ts'
import { installLanguages } from './language.ts'
import { installNotFound } from './not-found.ts'
import { installOpenApi } from './openapi.ts'
import { closeMicrophonesOf } from './own-microphones.ts'
import { alarmView } from './alarms/alarm-message.ts'
import { alertReportRoutes } from './routes/alert-reports.ts'
import { alertRuleRoutes } from './routes/alert-rules.ts'
import { alertTemplateRoutes } from './routes/alert-templates.ts'
import { alertRoutes, viewAlert } from './routes/alerts.ts'
import { acousticRoutes } from './routes/acoustics.ts'
import { alarmRoutes } from './routes/alarms.ts'
import { availabilityRoutes } from './routes/availability.ts'
import { capFeedRoutes } from './routes/cap-feeds.ts'
import { capOutRoutes } from './routes/cap-out.ts'
import { capSenderRoutes } from './routes/cap-senders.ts'
import { capRoutes } from './routes/cap.ts'
import { clipSoundRoutes } from './routes/clip-sounds.ts'
import { clipUploadRoutes } from './routes/clip-uploads.ts'
import { clipRoutes } from './routes/clips.ts'
import { clusterSheetRoutes } from './routes/cluster-sheets.ts'
import { clusterBoardRoutes } from './routes/cluster-board.ts'
import { clusterRoutes } from './routes/clusters.ts'
import { commandRoutes } from './routes/commands.ts'
import { consoleRoutes, consoleSettingsRoutes, type ConsoleFiles } from './routes/console.ts'
import { deviceRoutes } from './routes/devices.ts'
import { enrolmentSheetRoutes } from './routes/enrolment-sheets.ts'
import { eventRoutes } from './routes/events.ts'
import { figureRoutes } from './routes/figures.ts'
import { groupRoutes } from './routes/groups.ts'
import { logRoutes } from './routes/logs.ts'
import { meRoutes } from './routes/me.ts'
import { microphoneRoutes } from './routes/microphones.ts'
import { monitoringRoutes } from './routes/monitoring.ts'
import { monitorPassRoutes } from './routes/monitor-passes.ts'
import { monitorRoutes } from './routes/monitors.ts'
import { notificationRoutes } from './routes/notifications.ts'
import { orderRoutes } from './routes/orders.ts'
import { pageRoutes } from './routes/pages.ts'
import { phoneKeyRoutes } from './routes/phone-keys.ts'
import { phonePinRoutes } from './routes/phone-pins.ts'
import { phoneRoutes } from './routes/phone.ts'
import { photoRoutes } from './routes/photos.ts'
import { playLogRoutes } from './routes/play-log.ts'
import { playlistRoutes } from './routes/playlists.ts'
import { policyRoutes } from './routes/policies.ts'
import { recordingRoutes } from './routes/recordings.ts'
import { reportRoutes } from './routes/reports.ts'
import { rtpAnnouncementRoutes } from './routes/rtp-announcements.ts'
import { rtpOutputRoutes } from './routes/rtp-outputs.ts'
import { scheduleRoutes } from './routes/schedule.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { sourceKeyRoutes } from './routes/source-keys.ts'
import { sourceStandbyRoutes } from './routes/source-standby.ts'
import { sourceRoutes } from './routes/sources.ts'
import { maintenanceRoutes } from './routes/maintenance.ts'
import { statusRoutes } from './routes/status.ts'
import { targetRoutes } from './routes/targets.ts'
import { ticketRoutes } from './routes/tickets.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { unitChangeRoutes } from './routes/unit-changes.ts'
import { unitRoutes } from './routes/units.ts'
import { userRoutes } from './routes/users.ts'
import { phoneCallView, phoneLinesView } from './phone/phone-views.ts'
import { NAMED_SCHEMAS } from './schemas/index.ts'
import { Sweep } from './sweep.ts'
import { UploadFolder } from './upload.ts'
import { orderView } from './views.ts'
import { validatorCompiler } from './validation.ts'

export { CapDesk } from './cap/cap-desk.ts'
export { CapPublisher } from './cap/cap-publisher.ts'
export { FeedPoller } from './cap/feed-poller.ts'
export { ensureAdminToken } from './auth.ts'
export type { ControlApp } from './context.ts'
export { AlertDesk, type AlertDeskPorts } from './alerts/alert-desk.ts'
export { Monitor } from './monitoring/monitor.ts'
export { Scheduler } from './schedule/scheduler.ts'
export { AlarmDesk } from './alarms/alarm-desk.ts'
export { FactsObserver } from './alarms/observer.ts'
export { Outbox } from './alarms/outbox.ts'
export { RecordingKeeper } from './recordings/recording-keeper.ts'
export { PhoneDesk, type PhoneDeskPorts } from './phone/phone-desk.ts'
export * from './ports.ts'

export interface ControlOptions extends Pick<Context, 'store' | 'broadcast' | 'clips' | 'photos' | 'recordings' | 'clock' | 'config' | 'addresses' | 'signing' | 'scheduler' | 'alerts' | 'monitor' | 'alarms' | 'outbox' | 'notifier' | 'maintenance' | 'cap' | 'phone' | 'version'> {
  /** Requests are logged at level debug, problems of ours at error. Left out: nothing is logged. */
  readonly logger?: FastifyBaseLogger
  /** The operators' web application; left out, or not built: the first page says what else there is. */
  readonly console?: ConsoleFiles
  /** Bytes free for uploads in a folder; left out: what the file system says. */
  readonly freeBytes?: (folder: string) => Promise<number>
}

/** A client that sends its headers slower than this is cut; a body has longer, because clips are large and lines are slow. */
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 10 * 60_000
const CHECK_CONNECTIONS_MS = 5_000

/** The reference page fetches nothing from outside, and this makes sure of it. */
const DOCS_POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"

/**
 * Builds the API: everything below /v1, the pages, health and metrics. It is ready for `inject()`, or for `listen()`. Closing it ends event
 * streams and timers; store and broadcast belong to the caller.
 */
export async function createControlApp(options: ControlOptions): Promise<ControlApp> {
  const { store, broadcast, clock, config, version, logger } = options
  const app: ControlApp = fastify({
    ...(logger === undefined ? { logger: false } : { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1024 * 1024,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: CHECK_CONNECTIONS_MS, shouldUpgradeCallback: isEventSocket },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    ...(config.trustedProxies === '' ? {} : { trustProxy: config.trustedProxies }),
    frameworkErrors: (error, request, reply) => { sendProblem(error, request, reply) },
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setValidatorCompiler(validatorCompiler)
  // Bodies are built field by field in views.ts and checked against their schemas in tests; a second filter at run time would only hide mistakes.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  const explainMissing = installNotFound(app)
  app.setNotFoundHandler((request, reply) => sendProblem(explainMissing(request), request, reply))
  takeOnlyJson(app)

  const hub = new EventHub(broadcast, clock)
  const unwatch = options.monitor.subscribe((changes) => { hub.statesChanged(changes) })
  const unwatchAlarms = options.alarms.subscribe(({ kind, alarm }) => { hub.alarmChanged({ change: kind, alarm: alarmView(alarm) }) })
  // Before the WebSocket plugin's own hook, which closes sockets without saying why.
  app.addHook('preClose', (done) => {
    unwatch()
    unwatchAlarms()
    hub.close()
    done()
  })
  // Before the check of tokens, so that the plugin knows of the connections it must close when they are refused.
  await app.register(websocket, { options: { maxPayload: 4096 }, errorHandler: (_error, socket) => { socket.terminate() } })

  app.addHook('onRequest', async (_request, reply) => {
    void reply.header('X-Content-Type-Options', 'nosniff').header('Cache-Control', 'no-store')
  })
  installCors(app, config.corsOrigins)
  installAudit(app, store, clock)
  installAuth(app, { store, broadcast }, clock)
  installLanguages(app, NAMED_SCHEMAS)
  installCallBudgets(app, clock, config)
  if (logger !== undefined) logRequests(app)

  await installOpenApi(app, version)
  await app.register(multipart)
  for (const schema of NAMED_SCHEMAS) app.addSchema(schema)

  const creations = new Creations(store, clock)
  const uploads = new UploadFolder(join(config.dataDir, 'uploads'), { maxBytes: config.maxClipBytes, minFreeBytes: config.minFreeDiskBytes }, options.freeBytes)
  const clipUploads = new ClipUploads(join(config.dataDir, 'clip-uploads'), { maxBytes: config.maxClipBytes, minFreeBytes: config.minFreeDiskBytes }, clock, options.freeBytes)
  const logins = new Logins(store, clock, new LoginGuard(clock), () => { broadcast.credentialsChanged() })
  const revoke = (ids: readonly string[]): void => {
    for (const id of ids) hub.revoke(id)
    for (const sourceId of store.transaction(() => closeMicrophonesOf(ids, store))) broadcast.sourceChanged(sourceId)
    broadcast.credentialsChanged()
  }
  const context: Context = { store, broadcast, clips: options.clips, clipUploads, clipWork: new ClipWork(), photos: options.photos, recordings: options.recordings, clock, config, addresses: options.addresses, signing: options.signing, creations, hub, logins, revoke, uploads, scheduler: options.scheduler, alerts: options.alerts, monitor: options.monitor, alarms: options.alarms, outbox: options.outbox, notifier: options.notifier, maintenance: options.maintenance, cap: options.cap, phone: options.phone, version, startedAtMs: clock.wallMs() }
  const unwatchAlerts = options.alerts.subscribe(({ alerts, orders }) => {
    for (const order of orders) hub.orderChanged(orderView(order, clock.wallMs(), broadcast))
    for (const alert of alerts) hub.alertChanged(viewAlert(alert, context))
  })
  const unwatchPhone = options.phone.desk.subscribe((change) => {
    if ('call' in change) hub.phoneChanged({ call: phoneCallView(change.call), lines: null })
    else hub.orderChanged(orderView(change.order, clock.wallMs(), broadcast))
  })
  const unwatchLines = options.phone.exchange.watchLines(() => { hub.phoneChanged({ call: null, lines: phoneLinesView(options.phone.exchange) }) })
  const sweeps = [
    new Sweep({ clock, everyMs: 600_000, work: () => { creations.removeOld() }, onError: (error) => { app.log.warn({ err: error }, 'old idempotent responses could not be removed') } }),
    new Sweep({ clock, everyMs: 600_000, work: () => { clipUploads.removeOld() }, onError: (error) => { app.log.warn({ err: error }, 'unfinished uploads could not be removed') } }),
    new Sweep({ clock, everyMs: 60_000, work: () => { logins.removeExpired() }, onError: (error) => { app.log.warn({ err: error }, 'sessions that are over could not be removed') } }),
  ]
  for (const sweep of sweeps) sweep.start()
  app.addHook('preClose', (done) => {
    for (const sweep of sweeps) sweep.stop()
    unwatchAlerts()
    unwatchPhone()
    unwatchLines()
    done()
  })

  unitRoutes(app, context)
  unitChangeRoutes(app, context)
  clusterRoutes(app, context)
  clusterSheetRoutes(app, context)
  groupRoutes(app, context)
  playLogRoutes(app, context)
  commandRoutes(app, context)
  deviceRoutes(app, context)
  photoRoutes(app, context)
  recordingRoutes(app, context)
  enrolmentSheetRoutes(app, context)
  sourceRoutes(app, context)
  sourceKeyRoutes(app, context)
  microphoneRoutes(app, context)
  sourceStandbyRoutes(app, context)
  clipRoutes(app, context)
  clipSoundRoutes(app, context)
  clipUploadRoutes(app, context)
  playlistRoutes(app, context)
  orderRoutes(app, context)
  targetRoutes(app, context)
  alertRoutes(app, context)
  alertTemplateRoutes(app, context)
  alertRuleRoutes(app, context)
  capRoutes(app, context)
  capSenderRoutes(app, context)
  capFeedRoutes(app, context)
  capOutRoutes(app, context)
  scheduleRoutes(app, context)
  policyRoutes(app, context)
  rtpOutputRoutes(app, context)
  rtpAnnouncementRoutes(app, context)
  alarmRoutes(app, context)
  notificationRoutes(app, context)
  ticketRoutes(app, context)
  acousticRoutes(app, context)
  tokenRoutes(app, context)
  userRoutes(app, context)
  sessionRoutes(app, context)
  meRoutes(app, context)
  logRoutes(app, context)
  figureRoutes(app, context)
  reportRoutes(app, context)
  alertReportRoutes(app, context)
  statusRoutes(app, context)
  maintenanceRoutes(app, context)
  monitoringRoutes(app, context)
  clusterBoardRoutes(app, context)
  consoleSettingsRoutes(app, context)
  monitorRoutes(app, context)
  monitorPassRoutes(app, context)
  availabilityRoutes(app, context)
  eventRoutes(app, context)
  phoneRoutes(app, context)
  phoneKeyRoutes(app, context)
  phonePinRoutes(app, context)
  const hasConsole = options.console !== undefined && await consoleRoutes(app, options.console, config.mapTiles)
  pageRoutes(app, hasConsole ? null : version)
  await documentationRoutes(app)
  await app.ready()
  return app
}

/** Whoever wants another protocol elsewhere (curl offers h2c) is answered in plain HTTP. */
function isEventSocket({ url, headers }: IncomingMessage): boolean {
  return /^\/v1\/events(?:\?|$)/.test(url ?? '') && headers.upgrade?.toLowerCase() === 'websocket'
}

/** One line a request, without its query: a token may stand there. */
function logRequests(app: ControlApp): void {
  app.addHook('onResponse', async (request, reply) => {
    const [path] = request.url.split('?', 1)
    request.log.debug({ method: request.method, path, status: reply.statusCode, elapsedMs: reply.elapsedTime, actorId: request.identity?.actorId }, 'request')
  })
}

async function documentationRoutes(app: ControlApp): Promise<void> {
  app.get('/openapi.json', { config: { access: PUBLIC }, schema: { hide: true } }, (_request, reply) => reply.send(app.swagger()))
  await app.register(async (docs) => {
    docs.addHook('onRequest', async (_request, reply) => {
      void reply.header('Content-Security-Policy', DOCS_POLICY).header('Cache-Control', 'no-cache')
    })
    await docs.register(apiReference, {
      routePrefix: '/docs',
      // Everything that would lead to the maker's own services is switched off.
      configuration: { url: '/openapi.json', pageTitle: 'Loa API', withDefaultFonts: false, telemetry: false, hideClientButton: true, showDeveloperTools: 'never', agent: { disabled: true }, mcp: { disabled: true } },
    })
  })
}
