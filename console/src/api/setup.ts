import { api } from './client.ts'

/** What a page knows before anybody has logged in. */
export const useSetup = () => api.useQuery('get', '/v1/setup', {}, { staleTime: 5 * 60_000 })
