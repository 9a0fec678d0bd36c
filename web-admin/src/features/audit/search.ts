import { pick } from '../../lib/paths'

export const auditSearch = pick(['category', 'outcome', 'actor', 'subject', 'reference', 'event', 'from', 'to', 'cursor', 'entry'])
export type AuditSearch = ReturnType<typeof auditSearch>
