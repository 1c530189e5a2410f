import { useQuery } from '@tanstack/react-query'
import { everyItem } from '../../../../control/client/index.ts'
import { api, loa } from '../../api/client.ts'
import { streamUrl } from '../../api/streams.ts'
import type { Place, Source } from './sources.ts'

/** States come by events; levels move in between, and are read for as long as somebody looks. */
const LEVELS_EVERY_MS = 1500

async function readSources(): Promise<readonly Source[]> {
  const sources: Source[] = []
  for await (const source of everyItem((cursor) => loa.GET('/v1/sources', { params: { query: { limit: 1000, ...cursor } } }))) sources.push(source)
  return sources
}

/** All sources that the reader sees. */
export const useSources = () => useQuery({ queryKey: ['get', '/v1/sources', 'all'], queryFn: readSources, refetchInterval: LEVELS_EVERY_MS })

/** Where encoders connect to, as this page reached the server. */
export function useStreamPlace(): Place {
  const { data } = api.useQuery('get', '/v1/console', {}, { staleTime: Infinity })
  const { hostname, port, protocol } = new URL(streamUrl('/'))
  return { host: hostname, port: Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port), isSecure: protocol === 'https:', rtmpPort: data?.rtmpPort ?? null }
}
