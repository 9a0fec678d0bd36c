import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ProblemError } from '../lib/problem'

const KEPT_PAGES = 10

/** A list turned page after page is not kept whole: the last ones, for the way back. */
function forgetOldPages(cache: QueryCache) {
  const left = cache.findAll({ type: 'inactive', predicate: ({ queryKey }) => queryKey[1] === 'list' })
  for (const page of left.sort((one, other) => other.state.dataUpdatedAt - one.state.dataUpdatedAt).slice(KEPT_PAGES)) cache.remove(page)
}

/** A refusal is an answer: only what never arrived is asked again. */
export function newQueryClient(): QueryClient {
  const queryCache = new QueryCache({ onSuccess: () => forgetOldPages(queryCache) })
  return new QueryClient({
    queryCache,
    defaultOptions: {
      // The appliance is on the hospital's own network: a browser that believes itself offline still asks, and says what failed.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 10_000,
        retry: (failures, error) => failures < 2 && error instanceof ProblemError && (error.status === 0 || error.status === 503),
        retryDelay: (attempt) => 400 * 2 ** attempt,
      },
    },
  })
}
