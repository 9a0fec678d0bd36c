import { pick } from '../../lib/paths'

/** Every filter is in the address; several values are comma separated. */
export const filterNames = ['unit', 'site', 'entity', 'function', 'contract', 'state', 'identity', 'means', 'source'] as const
export type FilterName = (typeof filterNames)[number]

export const peopleSearch = pick(['q', ...filterNames, 'contract_ending_days', 'dormant_days', 'account_over', 'columns', 'sort', 'cursor', 'limit'])
export type PeopleSearch = ReturnType<typeof peopleSearch>

/** What is listed, whatever its order, its columns and the page in sight. */
export function filterOf({ columns: _columns, sort: _sort, cursor: _cursor, limit: _limit, ...filter }: PeopleSearch): PeopleSearch {
  return filter
}

export const personSearch = pick(['source'])
