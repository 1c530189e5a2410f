import { useMutation, type UseMutationResult } from '@tanstack/react-query'
import { done, type PostBody, type Schemas } from '../../../../control/client/index.ts'
import { answered, type Attempt } from '../../api/answered.ts'
import { api, loa } from '../../api/client.ts'
import { queryClient } from '../../api/query-client.ts'

type Alert = Schemas['Alert']

/** What a person does with an alert that is there. */
export type Act =
  | { readonly do: 'confirm'; readonly breakGlass?: string }
  | { readonly do: 'approve' | 'finish' | 'cancel' }
  | { readonly do: 'refuse'; readonly reason?: string }
  | { readonly do: 'correct'; readonly text: string }

/** So long is an answer waited for, ms: most take a tenth of a second, and who waits must be told. What is said anew is made into speech first. */
const ANSWER_MS = 8000
const SPEECH_MS = 20_000
const waitMs = (act: Act): number => (act.do === 'correct' || act.do === 'cancel' ? SPEECH_MS : ANSWER_MS)

async function carryOut(id: string, act: Act, { signal, key }: Attempt): Promise<Alert> {
  const params = { path: { id } }
  const again = { signal, headers: { 'Idempotency-Key': key } }
  switch (act.do) {
    case 'confirm':
      return done(await loa.POST('/v1/alerts/{id}/confirm', { ...again, params, body: act.breakGlass === undefined ? {} : { breakGlass: { reason: act.breakGlass } } }))
    case 'approve':
      return done(await loa.POST('/v1/alerts/{id}/approve', { ...again, params }))
    case 'finish':
      return done(await loa.POST('/v1/alerts/{id}/finish', { ...again, params }))
    case 'cancel':
      return done(await loa.POST('/v1/alerts/{id}/cancel', { ...again, params, body: {} }))
    case 'refuse':
      return done(await loa.POST('/v1/alerts/{id}/refuse', { ...again, params, body: act.reason === undefined || act.reason === '' ? {} : { reason: act.reason } }))
    case 'correct':
      return done(await loa.POST('/v1/alerts/{id}/correct', { ...again, params, body: { parts: [{ language: 'vi', text: act.text }] } }))
  }
}

const show = (alert: Alert): void => {
  queryClient.setQueryData(api.queryOptions('get', '/v1/alerts/{id}', { params: { path: { id: alert.id } } }).queryKey, alert)
  void queryClient.invalidateQueries({ queryKey: ['get', '/v1/alerts'] })
}

/** Makes a draft into an alert that can be confirmed; the same draft once, however often its answer is lost. */
export function usePrepare(): UseMutationResult<Alert, unknown, PostBody<'/v1/alerts'>> {
  return useMutation({
    mutationFn: (body: PostBody<'/v1/alerts'>) => answered(async ({ signal, key }) => done(await loa.POST('/v1/alerts', { signal, headers: { 'Idempotency-Key': key }, body })), (key) => ({ key, signal: AbortSignal.timeout(SPEECH_MS) })),
    onSuccess: show,
  })
}

/** Does it, and shows at once what has come of it; events bring the rest. */
export function useAct(id: string): UseMutationResult<Alert, unknown, Act> {
  return useMutation({
    mutationFn: (act: Act) => answered((attempt) => carryOut(id, act, attempt), (key) => ({ key, signal: AbortSignal.timeout(waitMs(act)) })),
    onSuccess: show,
    // Somebody else may have been quicker, or it was done and only the answer was lost.
    onError: () => {
      void queryClient.invalidateQueries({ queryKey: ['get', '/v1/alerts/{id}'] })
      void queryClient.invalidateQueries({ queryKey: ['get', '/v1/alerts'] })
    },
  })
}
