import { useQuery } from '@tanstack/react-query'
import { useContext } from 'react'
import { Button as Pressable } from 'react-aria-components'
import { me, useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { day } from '../../lib/format'
import { t } from '../../lib/i18n'
import { Button, buttonClass } from '../../ui/Button'
import { problemText } from '../../ui/Fault'
import { Menu } from '../../ui/Menu'
import { useHandOver } from '../../ui/focus'
import { Icon } from '../../ui/Status'
import { say } from '../../ui/Toasts'
import { Waits } from '../../ui/waits'
import { assignees, useAssign } from './queries'

/** Those whose question it was go together: one call for each of them takes the whole act back. */
function byOwner(items: Api['AssignedCase'][]): Map<string | null, string[]> {
  const owners = new Map<string | null, string[]>()
  for (const { id, before } of items) owners.set(before ?? null, [...(owners.get(before ?? null) ?? []), id])
  return owners
}

/** Gives questions to a colleague, to oneself or to nobody; who decides them is written, what is decided is not touched. */
export function AssignMenu({ cases, label, onDone }: { cases: string[]; label: string; onDone?: () => void }) {
  const may = useMay('decide_cases')
  const who = useQuery(me).data
  const people = useQuery({ ...assignees, enabled: may }).data?.items ?? []
  const assign = useAssign()
  const waits = useContext(Waits)
  const place = useHandOver<HTMLButtonElement>()
  if (!may) return null

  function takeBack(items: Api['AssignedCase'][]) {
    for (const [to, ids] of byOwner(items)) assign.mutate({ cases: ids, to }, { onError: (error) => say('failure', problemText(error)) })
  }
  function give(to: string | null, name: string | undefined) {
    assign.mutate({ cases, to }, {
      onSuccess: ({ items }) => {
        say('ok', name ? t('assign.done', { count: items.length, name }) : t('assign.undone', { count: items.length }), () => takeBack(items))
        onDone?.()
      },
      onError: (error) => say('failure', problemText(error)),
    })
  }
  const mine = people.find(({ id }) => id === who?.person.id)
  const others = people.filter((one) => one !== mine)
  if (waits) return <Button small blocked={t('state.waits')}>{label}</Button>
  return (
    <Menu
      label={label}
      entries={[
        ...(mine ? [{ id: mine.id, label: t('assign.me'), onAction: () => give(mine.id, mine.name) }] : []),
        ...others.map(({ id, name, birth_date }, index) => ({ id, label: birth_date ? `${name} · ${day(birth_date)}` : name, apart: index === 0 && mine !== undefined, onAction: () => give(id, name) })),
        { id: 'nobody', label: t('assign.nobody'), apart: true, onAction: () => give(null, undefined) },
      ]}
    >
      <Pressable ref={place} className={buttonClass({ small: true })} isPending={assign.isPending}>
        {label}
        <Icon name="down" />
      </Pressable>
    </Menu>
  )
}
