import { pick } from '../../lib/paths'

export const runSearch = pick(['kind', 'open', 'why', 'sample', 'cursor'])
export type RunSearch = ReturnType<typeof runSearch>
