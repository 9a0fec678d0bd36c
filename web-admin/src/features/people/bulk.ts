import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from '../../api/client'
import type { Api, PersonRow } from '../../api/types'
import { listQuery, peopleKeys } from './queries'
import type { PeopleSearch } from './search'

/** Above, the appliance refuses: nobody reads two thousand names before acting on them. */
export const widest = 2000

/** More names than this make no address: the filter does. */
export const mostTaken = 200

/** Those who were ticked, or all who answer the filter: in both cases so many, as the reader saw it. */
export interface Chosen {
  rows: PersonRow[]
  whole: PeopleSearch | undefined
  count: number
}

export function useBulk(action: Api['BulkAction'], { rows, whole, count }: Chosen) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (motive: string) => {
      const people = whole ? { filter: { ...listQuery(whole), limit: undefined } } : { ids: rows.map(({ id }) => id) }
      return body(api.POST('/api/v1/people/bulk', { params: { header: once() }, body: { action, count, ...people, motive: motive || undefined } }))
    },
    onSettled: () => client.invalidateQueries({ queryKey: peopleKeys.all }),
  })
}
