import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from './client'

export const accords = queryOptions({ queryKey: ['accords'], queryFn: () => body(api.GET('/api/v1/accords')), refetchInterval: 30_000 })

/** The second person's word, or the first one's who takes the request back. */
export function useAnswer(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (verdict: 'give' | 'refuse') => api.POST(`/api/v1/accords/{id}/${verdict}`, { params: { path: { id }, header: once() } }),
    // What was agreed may have changed any page. Not awaited: what asked is gone once it is read again, and what it was to say with it.
    onSettled: () => {
      void client.invalidateQueries()
    },
  })
}
