import type { Api } from '../src/api/types.ts'
import { empty, json, problem, type Routes } from './http.ts'
import type { State } from './state.ts'
import { uuid, type Clock } from './world.ts'

export function firstOperators(clock: Clock): Api['Operator'][] {
  const one = (name: string, roles: Api['Role'][], own: boolean): Api['Operator'] => ({ id: uuid(), etag: '"1"', person_id: uuid(), display_name: name, roles, enabled: true, keys: own ? 2 : 1, created_at: clock.ago(60_000), own })
  return [one('Lou Delmas', ['technician', 'security_officer', 'hr_referent'], true), one('M. Roy', ['security_officer'], false), one('H. Blanc', ['hr_referent'], false)]
}

export function operatorRoutes(routes: Routes, state: State) {
  const link = (operator: string) => json({ operator_id: operator, url: 'https://admin.ch-valmont.example/enrol?lien=K7M4-2QXD-9TLP', expires_at: state.clock.ago(-60) }, 201)
  routes
    .on('GET', '/operators', () => json({ items: state.operators }))
    .on('POST', '/operators', (call) => {
      const { person, roles } = call.body as unknown as Api['OperatorCreate']
      const soul = state.souls.find(({ row }) => row.id === person)
      if (!soul) return problem(404, 'person_unknown')
      const made: Api['Operator'] = { id: uuid(), etag: '"1"', person_id: person, display_name: `${soul.row.family.toUpperCase()} ${soul.row.given}`, roles, enabled: true, keys: 0, created_at: state.clock.ago(0), own: false }
      state.operators.push(made)
      return link(made.id)
    })
    .on('POST', '/operators/{id}/link', (call) => link(call.path['id'] ?? ''))
    .on('PUT', '/operators/{id}', (call) => {
      const one = state.operators.find(({ id }) => id === call.path['id'])
      if (!one) return problem(404, 'operator_unknown')
      if (call.headers.get('if-match') !== one.etag) return problem(412, 'stale')
      const { roles, enabled } = call.body as unknown as Api['OperatorChange']
      Object.assign(one, { roles, enabled, etag: `"${Number(one.etag.replaceAll('"', '')) + 1}"` })
      return empty()
    })
}
