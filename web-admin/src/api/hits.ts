import { queryOptions } from '@tanstack/react-query'
import { api, body } from './client'

/** What the one search of the console finds: to choose somebody in a form. */
export const hits = (asked: string) =>
  queryOptions({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => body(api.GET('/api/v1/search', { params: { query: { q: asked.replace(/[\u2066-\u2069]/g, '') } }, signal })),
    enabled: asked.length > 1,
    placeholderData: (before) => before,
  })
