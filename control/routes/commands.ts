import { may, maySee } from '../access.ts'
import { identityOf } from '../auth.ts'
import { commandTargets, makeCommand } from '../command-rules.ts'
import type { Context, ControlApp } from '../context.ts'
import { at } from '../finders.ts'
import { newId } from '../ids.ts'
import type { Creation } from '../idempotency.ts'
import type { CommandRecord } from '../ports.ts'
import { notFound } from '../problem.ts'
import type { Rights } from '../rights.ts'
import { ClusterCommandBody, Command, CommandBody, type CommandView } from '../schemas/command.ts'
import { CreateHeaders, IdParams, named, problems } from '../schemas/common.ts'
import { targetsView } from '../target-rules.ts'
import { formatTime } from '../time.ts'

const tags = ['commands']

const MOST_PROBLEMS = 100

export function commandRoutes(app: ControlApp, { store, broadcast, clock, creations }: Context): void {
  const view = (command: CommandRecord, rights: Rights): CommandView => {
    const { open, ...counts } = store.commands.counts(command.id)
    const isOver = clock.wallMs() >= command.expiresAtMs
    return {
      id: command.id,
      type: command.type,
      arguments: { ...command.arguments },
      targets: targetsView(command.targets),
      createdAt: formatTime(command.createdAtMs),
      createdBy: command.createdBy,
      expiresAt: formatTime(command.expiresAtMs),
      clusters: { ...counts, waiting: isOver ? 0 : open, expired: isOver ? open : 0 },
      problems: store.commands.problems(command.id, MOST_PROBLEMS)
        .filter(({ clusterId }) => rights.holds('view', store.clusters.get(clusterId)?.unitId ?? null))
        .map(({ clusterId, result, reason }) => ({ clusterId, result: result === 'refused' ? 'refused' : 'failed', reason })),
    }
  }

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

  app.post('/v1/commands', {
    config: { access: may('command', at.targets) },
    schema: { tags, summary: 'Send a command to many devices', description: 'Clusters are meant as in orders.', headers: CreateHeaders, body: CommandBody, response: { 202: named(Command), ...problems(400, 401, 403, 409, 413, 415, 422, 507) } },
  }, (request, reply) => creations.run(request, reply, () => {
    const nowMs = clock.wallMs()
    const { actorId: createdBy, rights } = identityOf(request)
    return give(makeCommand(request.body, commandTargets(request.body.targets, store), { id: newId('k', nowMs), nowMs, createdBy }), rights)
  }))

  app.get('/v1/commands/:id', {
    config: { access: maySee('command') },
    schema: { tags, summary: 'Show a command and what came back', params: IdParams, response: { 200: named(Command), ...problems(401, 404) } },
  }, (request) => {
    const { id } = request.params
    const command = store.commands.get(id)
    if (command === undefined) throw notFound('command', id)
    return view(command, identityOf(request).rights)
  })
}
