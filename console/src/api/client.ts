import createQueryClient from 'openapi-react-query'
import { loaClient } from '../../../control/client/index.ts'
import { currentLanguage } from '../words/language.ts'
import { sender } from './sender.ts'

/** The API, in the name of whoever has logged in here: the browser sends the session's cookie, no script ever sees it. No request waits for ever (sender.ts). */
export const loa = loaClient({ url: location.origin, language: currentLanguage, fetch: sender((request) => fetch(request)) })

/**
 * The same for components: `api.useQuery('get', '/v1/units', { params: { query: { limit: 1000 } } })`. What is read so is read again when an event
 * says that it may have changed (event-effects.ts).
 */
export const api = createQueryClient(loa)
