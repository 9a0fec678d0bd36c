import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import type { ComponentType, ReactNode } from 'react'
import { useMay } from '../api/me'
import type { Capability } from '../api/types'
import { applicationSearch } from '../features/applications/search'
import { auditSearch } from '../features/audit/search'
import { peopleSearch, personSearch } from '../features/people/search'
import { casesSearch } from '../features/reconciliation/search'
import { registerSearch } from '../features/sources/register'
import { runSearch } from '../features/sources/search'
import { t } from '../lib/i18n'
import { useTitle } from '../lib/title'
import { Blank, Failure, Forbidden } from '../ui/States'
import { Shell } from './Shell'

/** The page, or which right is missing. */
function needs(capability: Capability, Page: ComponentType): () => ReactNode {
  return function Guarded() {
    return useMay(capability) ? <Page /> : <Forbidden whole capability={capability} />
  }
}

const root = createRootRoute({ component: Shell, notFoundComponent: Nowhere, errorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} /> })

function Nowhere() {
  useTitle(t('page.unknown'))
  return <Blank whole title={t('page.unknown')}>{t('page.unknownHelp')}</Blank>
}

const home = createRoute({ getParentRoute: () => root, path: '/', component: lazyRouteComponent(() => import('../features/home/HomePage'), 'HomePage') })

const people = createRoute({
  getParentRoute: () => root,
  path: '/people',
  validateSearch: peopleSearch,
  component: needs('read_people', lazyRouteComponent(() => import('../features/people/PeoplePage'), 'PeoplePage')),
})
const person = createRoute({
  getParentRoute: () => root,
  path: '/people/$id',
  validateSearch: personSearch,
  component: needs('read_people', lazyRouteComponent(() => import('../features/people/PersonPage'), 'PersonPage')),
})

const sources = createRoute({ getParentRoute: () => root, path: '/sources', component: needs('read_sources', lazyRouteComponent(() => import('../features/sources/SourcesPage'), 'SourcesPage')) })
const source = createRoute({ getParentRoute: () => root, path: '/sources/$id', component: needs('read_sources', lazyRouteComponent(() => import('../features/sources/SourcePage'), 'SourcePage')) })
const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  validateSearch: registerSearch,
  component: needs('read_sources', lazyRouteComponent(() => import('../features/sources/RegisterPage'), 'RegisterPage')),
})
const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/$id',
  validateSearch: runSearch,
  component: needs('read_sources', lazyRouteComponent(() => import('../features/sources/RunPage'), 'RunPage')),
})

const cases = createRoute({
  getParentRoute: () => root,
  path: '/cases',
  validateSearch: casesSearch,
  component: needs('read_cases', lazyRouteComponent(() => import('../features/reconciliation/CasesPage'), 'CasesPage')),
})

const applications = createRoute({ getParentRoute: () => root, path: '/applications', component: needs('read_clients', lazyRouteComponent(() => import('../features/applications/ApplicationsPage'), 'ApplicationsPage')) })
const newApplication = createRoute({ getParentRoute: () => root, path: '/applications/new', component: needs('manage_clients', lazyRouteComponent(() => import('../features/applications/NewApplicationPage'), 'NewApplicationPage')) })
const application = createRoute({
  getParentRoute: () => root,
  path: '/applications/$id',
  validateSearch: applicationSearch,
  component: needs('read_clients', lazyRouteComponent(() => import('../features/applications/ApplicationPage'), 'ApplicationPage')),
})

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: auditSearch,
  component: needs('read_audit', lazyRouteComponent(() => import('../features/audit/AuditPage'), 'AuditPage')),
})
const system = createRoute({ getParentRoute: () => root, path: '/system', component: needs('read_system', lazyRouteComponent(() => import('../features/settings/SystemPage'), 'SystemPage')) })

/** `/accessibility` alone is the login pages' own statement. */
const accessibility = createRoute({ getParentRoute: () => root, path: '/accessibility/console', component: lazyRouteComponent(() => import('../features/accessibility/AccessibilityPage'), 'AccessibilityPage') })

const routeTree = root.addChildren([home, people, person, sources, source, register, run, cases, applications, newApplication, application, audit, system, accessibility])

/** Addresses hold plain texts: `/people?unit=3412`, no quotes, no JSON. */
function searchText(search: Record<string, unknown>): string {
  const kept = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '')
  const text = new URLSearchParams(kept).toString()
  return text ? `?${text}` : ''
}

export function newRouter(options: Partial<Parameters<typeof createRouter>[0]> = {}) {
  return createRouter({
    routeTree,
    defaultPreload: 'intent',
    scrollRestoration: true,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: searchText,
    ...(options as object),
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>
  }
}
