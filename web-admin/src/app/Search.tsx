import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { Collection, ComboBox, Header as Heading, Input, Label, ListBox, ListBoxItem, ListBoxSection, Popover } from 'react-aria-components'
import { api, body } from '../api/client'
import type { Api } from '../api/types'
import { day, personName } from '../lib/format'
import { t, word, words } from '../lib/i18n'
import overlay from '../ui/Overlay.module.css'
import { Icon } from '../ui/Status'
import text from '../ui/text.module.css'
import style from './Shell.module.css'

type Hit = Api['SearchHit'] & { key: string }

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
      const typing = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)
      if ((event.key === 'k' && (event.ctrlKey || event.metaKey)) || (event.key === '/' && !typing)) {
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
  const [round, setRound] = useState(0)
  const go = useGo()
  useShortcut(() => input.current?.focus())
  const found = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => body(api.GET('/api/v1/search', { params: { query: { q: asked } }, signal })),
    enabled: asked.length > 1,
    placeholderData: (before) => before,
  })
  const hits: Hit[] = asked.length > 1 ? (found.data?.hits ?? []).map((hit) => ({ ...hit, key: `${hit.kind}:${hit.target}` })) : []
  const kinds = [...new Set(hits.map((hit) => hit.kind))].map((kind) => ({ kind, hits: hits.filter((hit) => hit.kind === kind) }))

  return (
    <div role="search" className={style.search}>
      <ComboBox
        // A new field after each choice: nothing stays chosen, nothing stays open.
        key={round}
        inputValue={typed}
        onInputChange={setTyped}
        onSelectionChange={(key) => {
          const hit = hits.find((one) => one.key === key)
          if (!hit) return
          setTyped('')
          setRound(round + 1)
          void go(hit)
        }}
        items={kinds}
        defaultFilter={() => true}
        allowsEmptyCollection={typed.trim().length > 1}
        allowsCustomValue
        menuTrigger="input"
      >
        <Label className={text.hidden}>{t('search.label')}</Label>
        <Icon name="search" />
        <Input ref={input} placeholder={t('search.placeholder')} aria-keyshortcuts="Control+K" />
        <span className={`${text.key} ${style.shortcut}`} aria-hidden="true">
          Ctrl+K
        </span>
        <Popover className={`${overlay.popover} ${style.results}`} offset={4}>
          <ListBox renderEmptyState={() => <p className={style.nothing}>{t(found.isSuccess && asked === typed.trim() ? 'search.nothing' : 'state.loading')}</p>}>
            {(group: (typeof kinds)[number]) => (
              <ListBoxSection id={group.kind}>
                <Heading className={overlay.heading}>{word('search.kind', group.kind)}</Heading>
                <Collection items={group.hits}>{(hit) => <HitLine hit={hit} />}</Collection>
              </ListBoxSection>
            )}
          </ListBox>
        </Popover>
      </ComboBox>
      <span className={text.hidden} role="status">
        {found.isSuccess && asked.length > 1 ? t('search.count', { count: hits.length }) : ''}
      </span>
    </div>
  )
}

function HitLine({ hit }: { hit: Hit }) {
  const label = hit.person ? personName(hit.person) : hit.label
  const detail = hit.kind === 'reference' ? (words(`event.${hit.detail ?? ''}`) ?? hit.detail) : hit.detail
  return (
    <ListBoxItem id={hit.key} textValue={label} className={style.hit}>
      <b>{label}</b>
      {hit.person?.birth_date && <span className={text.meta}>{day(hit.person.birth_date)}</span>}
      {detail && <span className={text.meta}>{detail}</span>}
    </ListBoxItem>
  )
}
