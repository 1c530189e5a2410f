import { QueryClient } from '@tanstack/react-query'
import { isRefused } from './problem-text.ts'

/** What was read stays shown while it is read again, and while the server is away. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 30_000, gcTime: 30 * 60_000, refetchOnWindowFocus: true, networkMode: 'always', retry: (count, error) => !isRefused(error) && count < 2 },
    mutations: { networkMode: 'always' },
  },
})

/** No event tells of what is written there, and whatever was done just now stands in it. */
queryClient.setQueryDefaults(['get', '/v1/audit-log'], { staleTime: 0 })

/** Reads again whatever is shown of these paths of the API, such as `/v1/orders`. */
export function readAgain(paths: ReadonlySet<string> | 'everything'): void {
  void queryClient.invalidateQueries(paths === 'everything' ? {} : { predicate: ({ queryKey }) => typeof queryKey[1] === 'string' && paths.has(queryKey[1]) })
}
