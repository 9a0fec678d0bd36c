import { pick } from '../../lib/paths'

export const applicationSearch = pick(['tab', 'person', 'state', 'cursor'])
