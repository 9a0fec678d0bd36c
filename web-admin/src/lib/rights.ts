/** Which roles open what a page asks for, in the order in which roles are read; a test holds it to the appliance's own table. */
const pages: Record<string, string[]> = {
  read_people: ['technician', 'desk_agent', 'hr_referent', 'security_officer', 'auditor'],
  read_sources: ['technician', 'hr_referent', 'security_officer', 'auditor'],
  read_cases: ['technician', 'hr_referent', 'security_officer', 'auditor'],
  read_clients: ['technician', 'security_officer', 'auditor', 'application_owner'],
  read_audit: ['security_officer', 'auditor'],
  read_system: ['technician', 'security_officer', 'auditor'],
  manage_clients: ['technician', 'security_officer'],
  manage_operators: ['security_officer'],
}

export function rolesWith(capability: string | undefined): string[] {
  return (capability && pages[capability]) || []
}

export const namedRights = Object.keys(pages)
