import { useInfiniteQuery } from '@tanstack/react-query'

interface Page<T> { readonly items: readonly T[]; readonly nextCursor: string | null }

/** Something that is read, as TanStack Query has it. */
export interface Reading<T> {
  readonly data: T | undefined
  readonly error: unknown
  readonly refetch: () => unknown
  /** When `data` was read, ms since 1970. */
  readonly dataUpdatedAt: number
  /** Why the last try failed that is followed by another. */
  readonly failureReason: unknown
}

export interface Pages<T> extends Reading<readonly T[]> {
  /** null: that is all. */
  readonly more: (() => void) | null
  readonly isReading: boolean
}

/**
 * A list that is read page by page as the reader wants more of it.
 * @param key what is read: `['get', '/v1/alarms', filters]`; it is read again when an event says so
 * @param read as `loa.GET` with `done`; pages may be empty and still have a next
 */
export function usePages<T>(key: readonly unknown[], read: (page: { readonly cursor?: string }) => Promise<Page<T>>, isEnabled = true): Pages<T> {
  const query = useInfiniteQuery({
    queryKey: [...key, 'pages'],
    enabled: isEnabled,
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam }) => {
      let page = await read(pageParam === null ? {} : { cursor: pageParam })
      for (let tries = 0; page.items.length === 0 && page.nextCursor !== null && tries < 20; tries += 1) page = await read({ cursor: page.nextCursor })
      return page
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const { error, refetch, dataUpdatedAt, failureReason } = query
  return { data: query.data?.pages.flatMap(({ items }) => items), error, refetch, dataUpdatedAt, failureReason, more: query.hasNextPage ? () => { void query.fetchNextPage() } : null, isReading: query.isFetching }
}
