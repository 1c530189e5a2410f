import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { LENGTH_QUERY, LOUDNESS_QUERY, type LengthFilter, type LoudnessFilter } from './loudness.ts'

export interface ClipFilters {
  readonly search: string
  readonly unitId: string | null
  readonly length: LengthFilter
  readonly loudness: LoudnessFilter
}

/** As many as come at once; more when asked for. */
const PAGE = 50

/** Clips that pass the filters, newest first; the server searches, so that a library of any size is found in. */
export function useClips({ search, unitId, length, loudness }: ClipFilters) {
  const filter = { ...(search.trim() === '' ? {} : { search: search.trim() }), ...(unitId === null ? {} : { unitId }), ...LENGTH_QUERY[length], ...LOUDNESS_QUERY[loudness], newestFirst: true, limit: PAGE }
  return useInfiniteQuery({
    queryKey: ['get', '/v1/clips', filter],
    queryFn: async ({ pageParam, signal }): Promise<Schemas['ClipPage']> => done(await loa.GET('/v1/clips', { params: { query: { ...filter, ...(pageParam === null ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  })
}
