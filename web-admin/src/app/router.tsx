import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import type { ComponentType, ReactNode } from 'react'
import { me, useMay } from '../api/me'
import type { Capability } from '../api/types'
import { applicationSearch } from '../features/applications/search'
import { auditSearch } from '../features/audit/search'
import { PeoplePage } from '../features/people/PeoplePage'
import { people as peopleList } from '../features/people/queries'
import { peopleSearch, personSearch, type PeopleSearch } from '../features/people/search'
import { casesSearch } from '../features/reconciliation/search'
import { registerSearch } from '../features/sources/register'
import { runSearch } from '../features/sources/search'
import { t, type Key } from '../lib/i18n'
import { useTitle } from '../lib/title'
import layout from '../ui/layout.module.css'
import { Blank, Failure, Forbidden } from '../ui/States'
import { Shell } from './Shell'

interface Context {
  client: QueryClient
}

const scripts: (() => Promise<unknown> | undefined)[] = []

/** A page whose script is loaded when it is opened, or once the first page stands. */
const page: typeof lazyRouteComponent = (load, name) => {
  const Page = lazyRouteComponent(load, name)
  scripts.push(() => Page.preload?.())
  return Page
}

/** The other pages' scripts, while the reader reads the first one: each by itself when nothing else is to do, so that no click waits for them all. */
export async function loadPages() {
  for (const load of scripts) {
    await new Promise((idle) => requestIdleCallback(idle))
    await load()?.catch(() => undefined)
  }
}

/**
 * The list is asked for beside its page's script, not after it, and as soon as its entry of the navigation is pointed at; a
 * letter or an order pointed at in passing asks nothing. Only by who may read it: a refusal is traced. On the first page of
 * a visit that is known a moment later; when it cannot be known the shell says so.
 */
function askPeople({ client }: Context, search: PeopleSearch, cause: 'preload' | 'enter' | 'stay') {
  if (cause === 'preload' && Object.keys(search).length > 0) return
  client.ensureQueryData(me).then(
    (who) => (who.capabilities.includes('read_people') ? client.prefetchQuery(peopleList(search)) : undefined),
    () => undefined,
  )
}

/** What a page is called before it may be read. */
const names: Partial<Record<Capability, Key>> = {
  read_people: 'nav.people', read_sources: 'nav.sources', read_cases: 'nav.cases', read_clients: 'nav.applications', manage_clients: 'nav.applications', read_audit: 'nav.audit', read_system: 'nav.system',
}

/** The page, or its name and which right is missing; its script is loaded beside who is there. */
function needs(capability: Capability, Page: ComponentType & { preload?: () => Promise<unknown> | undefined }) {
  function Guarded(): ReactNode {
    return useMay(capability) ? <Page /> : <Refused capability={capability} />
  }
  // Begun and not waited for: the page is opened at once, whatever comes first.
  return Object.assign(Guarded, {
    preload: () => {
      void Page.preload?.()
      return undefined
    },
  })
}

function Refused({ capability }: { capability: Capability }) {
  const name = t(names[capability] ?? 'nav.home')
  useTitle(name)
  return (
    <>
      <div className={layout.title}>
        <h1>{name}</h1>
      </div>
      <Forbidden capability={capability} />
    </>
  )
}

const root = createRootRouteWithContext<Context>()({ component: Shell, notFoundComponent: Nowhere, errorComponent: ({ error, reset }) => <Failure error={error} onRetry={reset} /> })

function Nowhere() {
  useTitle(t('page.unknown'))
  return <Blank whole title={t('page.unknown')}>{t('page.unknownHelp')}</Blank>
}

const home = createRoute({ getParentRoute: () => root, path: '/', component: page(() => import('../features/home/HomePage'), 'HomePage') })

const people = createRoute({
  getParentRoute: () => root,
  path: '/people',
  validateSearch: peopleSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps, cause }) => askPeople(context, deps, cause),
  // In the first load: the list is what a click leads to first, and it waits for no script.
  component: needs('read_people', PeoplePage),
})
const person = createRoute({
  getParentRoute: () => root,
  path: '/people/$id',
  validateSearch: personSearch,
  component: needs('read_people', page(() => import('../features/people/PersonPage'), 'PersonPage')),
})

const sources = createRoute({ getParentRoute: () => root, path: '/sources', component: needs('read_sources', page(() => import('../features/sources/SourcesPage'), 'SourcesPage')) })
const source = createRoute({ getParentRoute: () => root, path: '/sources/$id', component: needs('read_sources', page(() => import('../features/sources/SourcePage'), 'SourcePage')) })
const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  validateSearch: registerSearch,
  component: needs('read_sources', page(() => import('../features/sources/RegisterPage'), 'RegisterPage')),
})
const run = createRoute({
  getParentRoute: () => root,
  path: '/runs/$id',
  validateSearch: runSearch,
  component: needs('read_sources', page(() => import('../features/sources/RunPage'), 'RunPage')),
})

const cases = createRoute({
  getParentRoute: () => root,
  path: '/cases',
  validateSearch: casesSearch,
  component: needs('read_cases', page(() => import('../features/reconciliation/CasesPage'), 'CasesPage')),
})

const applications = createRoute({ getParentRoute: () => root, path: '/applications', component: needs('read_clients', page(() => import('../features/applications/ApplicationsPage'), 'ApplicationsPage')) })
const newApplication = createRoute({ getParentRoute: () => root, path: '/applications/new', component: needs('manage_clients', page(() => import('../features/applications/NewApplicationPage'), 'NewApplicationPage')) })
const application = createRoute({
  getParentRoute: () => root,
  path: '/applications/$id',
  validateSearch: applicationSearch,
  component: needs('read_clients', page(() => import('../features/applications/ApplicationPage'), 'ApplicationPage')),
})

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: auditSearch,
  component: needs('read_audit', page(() => import('../features/audit/AuditPage'), 'AuditPage')),
})
const system = createRoute({ getParentRoute: () => root, path: '/system', component: needs('read_system', page(() => import('../features/settings/SystemPage'), 'SystemPage')) })

/** `/accessibility` alone is the login pages' own statement. */
const accessibility = createRoute({ getParentRoute: () => root, path: '/accessibility/console', component: page(() => import('../features/accessibility/AccessibilityPage'), 'AccessibilityPage') })

const routeTree = root.addChildren([home, people, person, sources, source, register, run, cases, applications, newApplication, application, audit, system, accessibility])

/** Addresses hold plain texts: `/people?unit=3412`, no quotes, no JSON. */
function searchText(search: Record<string, unknown>): string {
  const kept = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '')
  const text = new URLSearchParams(kept).toString()
  return text ? `?${text}` : ''
}

export function newRouter(client: QueryClient, options: Partial<Parameters<typeof createRouter>[0]> = {}) {
  return createRouter({
    routeTree,
    context: { client },
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
