import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { queryClient } from '../../api/query-client.ts'

type Alert = Schemas['Alert']

/** What a person does with an alert that is there. */
export type Act =
  | { readonly do: 'confirm'; readonly breakGlass?: string }
  | { readonly do: 'approve' | 'finish' | 'cancel' }
  | { readonly do: 'refuse'; readonly reason?: string }
  | { readonly do: 'correct'; readonly text: string }

async function carryOut(id: string, act: Act): Promise<Alert> {
  const params = { path: { id } }
  switch (act.do) {
    case 'confirm':
      return done(await loa.POST('/v1/alerts/{id}/confirm', { params, body: act.breakGlass === undefined ? {} : { breakGlass: { reason: act.breakGlass } } }))
    case 'approve':
      return done(await loa.POST('/v1/alerts/{id}/approve', { params }))
    case 'finish':
      return done(await loa.POST('/v1/alerts/{id}/finish', { params }))
    case 'cancel':
      return done(await loa.POST('/v1/alerts/{id}/cancel', { params, body: {} }))
    case 'refuse':
      return done(await loa.POST('/v1/alerts/{id}/refuse', { params, body: act.reason === undefined || act.reason === '' ? {} : { reason: act.reason } }))
    case 'correct':
      return done(await loa.POST('/v1/alerts/{id}/correct', { params, body: { parts: [{ language: 'vi', text: act.text }] } }))
  }
}

/** Does it, and shows at once what has come of it; events bring the rest. */
export function useAct(id: string): UseMutationResult<Alert, unknown, Act> {
  return useMutation({
    mutationFn: (act: Act) => carryOut(id, act),
    onSuccess: (alert) => {
      queryClient.setQueryData(api.queryOptions('get', '/v1/alerts/{id}', { params: { path: { id: alert.id } } }).queryKey, alert)
      void queryClient.invalidateQueries({ queryKey: ['get', '/v1/alerts'] })
    },
    // Somebody else may have been quicker.
    onError: () => { void queryClient.invalidateQueries({ queryKey: ['get', '/v1/alerts/{id}'] }) },
  })
}
