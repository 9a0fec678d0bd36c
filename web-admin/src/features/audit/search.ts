import { pick } from '../../lib/paths'

export const auditSearch = pick(['category', 'outcome', 'actor', 'subject', 'reference', 'event', 'client', 'q', 'from', 'to', 'cursor', 'entry'])
export type AuditSearch = ReturnType<typeof auditSearch>
