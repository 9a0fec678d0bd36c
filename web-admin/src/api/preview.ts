import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from './client'

/** Asks for a dry run of a source; the answer bears the run to look at. */
export function usePreview() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => body(api.POST('/api/v1/sources/{id}/preview', { params: { path: { id }, header: once() } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['jobs'] }),
  })
}
