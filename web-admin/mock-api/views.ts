import type { Api } from '../src/api/types.ts'
import { empty, json, problem, type Call, type Routes } from './http.ts'
import type { State } from './state.ts'
import { uuid } from './world.ts'

function named(state: State, { name, page }: Api['SavedViewDraft'], but?: string): boolean {
  return state.views.some((view) => view.mine && view.page === page && view.name === name && view.id !== but)
}

function kept(id: string, version: number, draft: Api['SavedViewDraft']): Api['SavedView'] {
  return { id, etag: `"${version}"`, page: draft.page, name: draft.name, query: draft.query, columns: draft.columns ?? [], shared: draft.shared ?? false, mine: true, owner: 'Lou Delmas' }
}

function change(state: State, call: Call): Response {
  const draft = call.body as unknown as Api['SavedViewDraft']
  const at = state.views.findIndex((view) => view.id === call.path['id'] && view.mine)
  const old = state.views[at]
  if (!old) return problem(404, 'view_unknown')
  if (call.headers.get('if-match') !== old.etag) return problem(412, 'stale')
  if (named(state, draft, old.id)) return problem(409, 'view_name_taken')
  const view = kept(old.id, Number(old.etag.replaceAll('"', '')) + 1, draft)
  state.views[at] = view
  return json(view)
}

export function viewRoutes(routes: Routes, state: State) {
  routes
    .on('GET', '/views', (call) => json({ items: state.views.filter((view) => view.page === call.query.get('page')) }))
    .on('POST', '/views', (call) => {
      const draft = call.body as unknown as Api['SavedViewDraft']
      if (named(state, draft)) return problem(409, 'view_name_taken')
      const view = kept(uuid(), 1, draft)
      state.views.push(view)
      return json(view, 201)
    })
    .on('PUT', '/views/{id}', (call) => change(state, call))
    .on('DELETE', '/views/{id}', (call) => {
      const before = state.views.length
      state.views = state.views.filter((view) => view.id !== call.path['id'] || !view.mine)
      return state.views.length < before ? empty() : problem(404, 'view_unknown')
    })
}
