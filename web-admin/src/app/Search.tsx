import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { api, body } from '../api/client'
import type { Api } from '../api/types'
import { day, personName } from '../lib/format'
import { t, word, words } from '../lib/i18n'
import { useNarrow } from '../lib/narrow'
import { Picker } from '../ui/Picker'
import { Icon } from '../ui/Status'
import text from '../ui/text.module.css'
import { isWriting, letterKeysOn } from './Help'
import style from './Shell.module.css'

type Hit = Api['SearchHit'] & { key: string }

const shownOfAKind = 5
const everybody = 'everybody'

/** What was typed, once the fingers rest. */
function useRested(value: string, delay: number): string {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), delay)
    return () => clearTimeout(timer)
  }, [value, delay])
  return rested
}

function useGo() {
  const navigate = useNavigate()
  return (hit: Hit) => {
    switch (hit.kind) {
      case 'person':
        return navigate({ to: '/people/$id', params: { id: hit.target } })
      case 'application':
        return navigate({ to: '/applications/$id', params: { id: hit.target } })
      case 'reference':
        return navigate({ to: '/audit', search: { entry: hit.target } })
      case 'page':
        return navigate({ to: hit.target as '/' })
    }
  }
}

/** `Ctrl+K` anywhere, `/` outside fields. */
function useShortcut(focus: () => void) {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if ((event.key === 'k' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && !isWriting(event.target) && letterKeysOn())) {
        event.preventDefault()
        focus()
      }
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [focus])
}

export function Search() {
  const [typed, setTyped] = useState('')
  const asked = useRested(typed.trim(), 150)
  const input = useRef<HTMLInputElement>(null)
  const go = useGo()
  const navigate = useNavigate()
  useShortcut(() => input.current?.focus())
  const found = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => body(api.GET('/api/v1/search', { params: { query: { q: asked } }, signal })),
    enabled: asked.length > 1,
    placeholderData: (before) => before,
  })
  const hits: Hit[] = asked.length > 1 ? (found.data?.hits ?? []).map((hit) => ({ ...hit, key: `${hit.kind}-${hit.target}-${hit.label}` })) : []

  // Five people are all that is shown: there may be more.
  const more = hits.filter(({ kind }) => kind === 'person').length >= shownOfAKind

  function choose(key: string) {
    const hit = hits.find((one) => one.key === key)
    if (!hit && key !== everybody) return
    setTyped('')
    input.current?.blur()
    void (hit ? go(hit) : navigate({ to: '/people', search: { q: asked } }))
  }
  return (
    <div role="search" className={style.search}>
      <Icon name="search" />
      <Picker
        ref={input}
        label={<span className={text.hidden}>{t('search.label')}</span>}
        typed={typed}
        onType={setTyped}
        choices={[
          ...hits.map((hit) => ({ key: hit.key, group: word('search.kind', hit.kind), content: <HitLine hit={hit} /> })),
          ...(more ? [{ key: everybody, group: t('search.kind.page'), content: t('search.everybody', { asked }) }] : []),
        ]}
        answered={found.isSuccess && !found.isPlaceholderData && asked === typed.trim()}
        nothing={t('search.nothing')}
        onChoose={choose}
        placeholder={t(useNarrow() ? 'search.short' : 'search.placeholder')}
        shortcut="Control+K"
      />
      <span className={`${text.key} ${style.shortcut}`} aria-hidden="true">
        Ctrl+K
      </span>
    </div>
  )
}

function HitLine({ hit }: { hit: Hit }) {
  const detail = hit.kind === 'reference' ? (words(`event.${hit.detail ?? ''}`) ?? hit.detail) : hit.detail
  return (
    <>
      <b>{hit.person ? personName(hit.person) : hit.label}</b>
      {hit.person?.birth_date && <span className={text.meta}>{day(hit.person.birth_date)}</span>}
      {detail && <span className={text.meta}>{detail}</span>}
    </>
  )
}
