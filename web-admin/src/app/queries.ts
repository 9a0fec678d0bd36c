import { QueryClient } from '@tanstack/react-query'
import { ProblemError } from '../lib/problem'

/** A refusal is an answer: only what never arrived is asked again. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
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
