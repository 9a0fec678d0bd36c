import { pick } from '../../lib/paths'

export const casesSearch = pick(['kind', 'state', 'assigned', 'case', 'cursor'])
export type CasesSearch = ReturnType<typeof casesSearch>
