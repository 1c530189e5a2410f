import { may, maySee, somewhere } from '../access.ts'
import { identityOf } from '../auth.ts'
import { commandTargets, makeCommand } from '../command-rules.ts'
import type { Context, ControlApp } from '../context.ts'
import { pageView, readPage } from '../cursor.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import type { Creation } from '../idempotency.ts'
import type { CommandOutcome, CommandRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { ClusterCommandBody, Command, CommandBody, CommandListQuery, CommandOfClusterPage, CommandPage, CommandResultPage, CommandResultQuery, type CommandOfClusterView, type CommandResultView, type CommandSummaryView, type CommandView } from '../schemas/command.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { concerns } from '../sight.ts'
import { formatTime } from '../time.ts'
import { commandSummary } from '../views.ts'

const tags = ['commands']

const MOST_PROBLEMS = 100

export function commandRoutes(app: ControlApp, { store, broadcast, clock, creations }: Context): void {
  const isOver = (command: CommandRecord): boolean => clock.wallMs() >= command.expiresAtMs

  const summary = (command: CommandRecord): CommandSummaryView => commandSummary(command, store.commands.counts(command.id), isOver(command))

  const view = (command: CommandRecord, rights: Rights): CommandView => ({
    ...summary(command),
    problems: store.commands.problems(command.id, MOST_PROBLEMS)
      .filter(({ clusterId }) => sees(clusterId, rights))
      .map(({ clusterId, result, reason }) => ({ clusterId, result: result === 'refused' ? 'refused' : 'failed', reason })),
  })

  const sees = (clusterId: string, rights: Rights): boolean => rights.holds('view', store.clusters.get(clusterId)?.unitId ?? null)

  const give = (command: CommandRecord, rights: Rights): Creation => {
    const clusterIds = broadcast.clustersOf(command.targets)
    store.commands.insert(command, clusterIds)
    return { status: 202, location: `/v1/commands/${command.id}`, body: view(command, rights), after: () => { broadcast.commandGiven(command, clusterIds) } }
  }

  app.post('/v1/clusters/:id/commands', {
    config: { access: may('command', at.cluster) },
    schema: { tags, summary: 'Send a command to the device of a cluster', description: 'Signed for enrolled devices, numbered and expiring. A device that is not connected gets it when it comes, until it expires. Plain HTTP listeners take none.', headers: CreateHeaders, params: IdParams, body: ClusterCommandBody, response: { 202: named(Command), ...problems(400, 401, 403, 404, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const { id } = request.params
    if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
    const nowMs = clock.wallMs()
    const { actorId: createdBy, rights } = identityOf(request)
    return give(makeCommand(request.body, { units: [], clusters: [id], tags: [] }, { id: newId('k', nowMs), nowMs, createdBy }), rights)
  }))

  app.get('/v1/clusters/:id/commands', {
    config: { access: may('view', at.cluster) },
    schema: { tags, summary: 'Commands to a cluster', description: 'Newest first, also those that were meant for many, with what has become of each at this cluster.', params: IdParams, querystring: CommandListQuery, response: { 200: named(CommandOfClusterPage), ...problems(400, 401, 404) } },
  }, ({ params: { id }, query }) => {
    if (store.clusters.get(id) === undefined) throw notFound('cluster', id)
    return pageView('commandsof', store.commands.ofCluster(id, readPage('commandsof', query)), ({ command, outcome }): CommandOfClusterView => {
      const { id: commandId, type, arguments: given, createdAt, createdBy, expiresAt } = summary(command)
      const { clusterId: _, ...result } = resultView(outcome, isOver(command))
      return { id: commandId, type, arguments: given, createdAt, createdBy, expiresAt, ...result }
    })
  })

  app.post('/v1/commands', {
    config: { access: may('command', at.targets) },
    schema: { tags, summary: 'Send a command to many devices', description: 'Clusters are meant as in orders.', headers: CreateHeaders, body: CommandBody, response: { 202: named(Command), ...problems(400, 401, 403, 409, 413, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const nowMs = clock.wallMs()
    const { actorId: createdBy, rights } = identityOf(request)
    return give(makeCommand(request.body, commandTargets(request.body.targets, store), { id: newId('k', nowMs), nowMs, createdBy }), rights)
  }))

  app.get('/v1/commands', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'List commands', description: 'Newest first, those that concern the caller: a page may be short, or empty, and still have a `nextCursor`.', querystring: CommandListQuery, response: { 200: named(CommandPage), ...problems(400, 401) } },
  }, (request) => {
    const { rights } = identityOf(request)
    const page = store.commands.list(readPage('commands', request.query))
    return pageView('commands', { ...page, items: page.items.filter((command) => concerns(command, rights, { store, broadcast })) }, summary)
  })

  app.get('/v1/commands/:id', {
    config: { access: maySee('command') },
    schema: { tags, summary: 'Show a command and what came back', description: 'As it goes on, events of type `command` tell the same counts, the last of them with `isOver`.', params: IdParams, response: { 200: named(Command), ...problems(401, 404) } },
  }, (request) => {
    const { id } = request.params
    const command = store.commands.get(id)
    if (command === undefined) throw notFound('command', id)
    return view(command, identityOf(request).rights)
  })

  app.get('/v1/commands/:id/clusters', {
    config: { access: maySee('command') },
    schema: { tags, summary: 'What has become of a command at each cluster', description: 'Those that the caller may see: a page may be short, or empty, and still have a `nextCursor`.', params: IdParams, querystring: CommandResultQuery, response: { 200: named(CommandResultPage), ...problems(400, 401, 404) } },
  }, (request) => {
    const { id } = request.params
    const command = store.commands.get(id)
    if (command === undefined) throw notFound('command', id)
    const { rights } = identityOf(request)
    const page = store.commands.outcomes(id, readPage('results', request.query), request.query.result)
    return pageView('results', { ...page, items: page.items.filter(({ clusterId }) => sees(clusterId, rights)) }, (outcome) => resultView(outcome, isOver(command)))
  })
}

const resultView = ({ clusterId, deliveredAtMs, result, reason, atMs }: CommandOutcome, isOver: boolean): CommandResultView => ({
  clusterId,
  state: result ?? (isOver ? 'expired' : deliveredAtMs === null ? 'waiting' : 'delivered'),
  reason,
  deliveredAt: deliveredAtMs === null ? null : formatTime(deliveredAtMs),
  answeredAt: atMs === null ? null : formatTime(atMs),
})
