import { pick } from '../../lib/paths'

/** Every filter is in the address; several values are comma separated. */
export const filterNames = ['unit', 'site', 'function', 'state', 'identity', 'means', 'source'] as const
export type FilterName = (typeof filterNames)[number]

export const peopleSearch = pick(['q', ...filterNames, 'contract_ending_days', 'account_over', 'sort', 'cursor', 'limit'])
export type PeopleSearch = ReturnType<typeof peopleSearch>

export const personSearch = pick(['source'])
