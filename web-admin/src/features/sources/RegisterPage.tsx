import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { t } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { Card, Padded } from '../../ui/Card'
import { Command } from '../../ui/Command'
import { Crumbs } from '../../ui/Crumbs'
import layout from '../../ui/layout.module.css'
import { Around, Blank, Failure, Forbidden, isShut, View } from '../../ui/States'
import { currentInSight } from '../../ui/tabs'
import tabs from '../../ui/Tabs.module.css'
import { RegisterActs, RegisterFacts } from './RegisterCard'
import { Coverage } from './Coverage'
import { DueLinks } from './DueLinks'
import { HealthTag } from './HealthTag'
import { Held } from './Held'
import { register, type RegisterSearch } from './register'
import { RegisterChanges } from './RegisterChanges'
import { ToRegister } from './ToRegister'

const route = getRouteApi('/register')

const parts = ['state', 'changes', 'due', 'worklist'] as const
type Part = (typeof parts)[number]

/** Which right each part asks, beside the one to see sources. */
const needs: Record<Part, Api['Capability']> = { state: 'read_sources', changes: 'read_cases', due: 'read_cases', worklist: 'read_people' }

/** On a narrow screen the tabs scroll: the open one is in sight. */
function intoSight(tab: HTMLElement | null) {
  tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}

export function RegisterPage() {
  useTitle(t('register.title'), t('nav.sources'))
  const search = route.useSearch()
  const query = useQuery(register)
  const part = parts.find((one) => one === search.tab) ?? 'state'
  return (
    <>
      <Crumbs trail={[<Link to="/sources" activeOptions={{ exact: true }}>{t('nav.sources')}</Link>]} here={t('register.title')} />
      <div className={layout.title}>
        <h1>{t('register.title')}</h1>
        <Around query={query}>
          {query.data && <HealthTag health={query.data.health} />}
          <div className={layout.row}>
            <RegisterActs present={Boolean(query.data?.current)} />
          </div>
        </Around>
      </div>
      {isShut(query) ? <Failure error={query.error} /> : <Parts part={part} search={search} read={!query.data || Boolean(query.data.current)} />}
    </>
  )
}

function Parts({ part, ...rest }: { part: Part; search: RegisterSearch; read: boolean }) {
  const may = useMay(needs[part])
  return (
    <>
      <nav className={tabs.tabs} ref={currentInSight} aria-label={t('register.parts')}>
        {parts.map((one) => (
          <Link key={one} to="/register" search={one === 'state' ? {} : { tab: one }} activeOptions={{ exact: true, includeSearch: true }} aria-current={one === part ? 'page' : undefined} ref={one === part ? intoSight : undefined}>
            {t(`register.part.${one}`)}
          </Link>
        ))}
      </nav>
      {may ? <PartOf part={part} {...rest} /> : <Forbidden capability={needs[part]} />}
    </>
  )
}

function PartOf({ part, search, read }: { part: Part; search: RegisterSearch; read: boolean }) {
  switch (part) {
    case 'state':
      return <State />
    case 'changes':
      return <RegisterChanges settled={search.settled === 'yes'} />
    case 'due':
      return <DueLinks within={Number(search.within ?? 0) || 0} read={read} />
    case 'worklist':
      return <ToRegister />
  }
}

function State() {
  const query = useQuery(register)
  return (
    <View query={query} unread={t('register.unread')} rows={6}>
      {(data) =>
        data.current ? (
          <div className={layout.stack}>
            {data.held && <Held held={data.held} changes={data.held_changes} current={data.current} />}
            <Card title={t('register.inUse')} aside={t('register.persons', { count: data.current.persons })}>
              <RegisterFacts data={data} current={data.current} />
            </Card>
            <Coverage />
          </div>
        ) : (
          <div className={layout.stack}>
            <Blank boxed title={t('register.empty')}>
              {t('register.emptyHelp')}
            </Blank>
            <Card title={t('register.first')}>
              <Padded>
                <div className={layout.small}>
                  <p>{t('register.firstHow')}</p>
                  <Command>hygie register import PS_LibreAcces_Personne_activite_202611190812.txt</Command>
                </div>
              </Padded>
            </Card>
          </div>
        )
      }
    </View>
  )
}

