import { Link, type LinkProps } from '@tanstack/react-router'
import type { Api, Home } from '../../api/types'
import { dayMonth, number, on, waiting } from '../../lib/format'
import { t, word, type Key } from '../../lib/i18n'
import { Card, Padded } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import { Icon, Sign, type Mood } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './Home.module.css'

type Todo = Api['Todo']

const moods: Record<Todo['kind'], Mood> = {
  run_waiting: 'warning', account_doubt: 'doubt', identity_doubt: 'doubt', conflict: 'doubt', duplicate: 'doubt', contract_over_account_active: 'warning', national_identity_to_recheck: 'info', register_old: 'warning', relaxation_ending: 'warning',
}

/** Each line is a link to what it counts. */
function target(todo: Todo): LinkProps {
  switch (todo.kind) {
    case 'run_waiting':
      return todo.run_id ? { to: '/runs/$id', params: { id: todo.run_id } } : { to: '/sources' }
    case 'identity_doubt':
      return { to: '/cases', search: { kind: 'national_identity' } }
    case 'account_doubt':
      return { to: '/cases', search: { kind: 'account' } }
    case 'conflict':
    case 'duplicate':
      return { to: '/cases', search: { kind: todo.kind } }
    case 'contract_over_account_active':
      return { to: '/people', search: { account_over: 'true' } }
    case 'national_identity_to_recheck':
      return { to: '/register', search: { tab: 'due', within: '60' } }
    case 'register_old':
      return { to: '/register' }
    case 'relaxation_ending':
      return { to: '/applications' }
  }
}

function context(todo: Todo): string | undefined {
  if (todo.kind === 'run_waiting' && todo.brake) return t('todo.brake', { what: word('brake', todo.brake, { count: todo.brake_value ?? 0 }), limit: todo.brake_limit ?? 0 })
  if (todo.oldest_at) return t('todo.oldest', { time: waiting(todo.oldest_at) })
  if (todo.kind === 'contract_over_account_active' && todo.limit_at) return t('todo.closesAt', { at: on(todo.limit_at) })
  if (todo.kind === 'relaxation_ending' && todo.limit_at) return t('todo.shuts', { date: dayMonth(todo.limit_at), count: todo.count })
  if (todo.limit_at) return t('todo.first', { date: dayMonth(todo.limit_at) })
  return undefined
}

export function Todos({ data, wide = false }: { data: Home; wide?: boolean }) {
  return (
    <Card title={t('home.todo')} className={wide ? layout.twelve : layout.seven}>
      {data.todo.length === 0 ? (
        <Padded>{data.next_hr_read_at ? t('home.nothing', { at: on(data.next_hr_read_at) }) : t('home.nothingAtAll')}</Padded>
      ) : (
        <ul className={style.todo}>
          {data.todo.map((todo) => (
            <li key={`${todo.kind}-${todo.run_id ?? ''}`}>
              <Link {...target(todo)}>
                <Sign mood={moods[todo.kind]} large />
                <span className={style.figure}>{number(todo.count)}</span>
                <span>
                  <span className={style.what}>{t(`todo.${todo.kind}` as Key, { count: todo.count, source: todo.source_name })}</span>
                  <span className={text.meta}>{context(todo)}</span>
                </span>
                <Icon name="right" quiet />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
