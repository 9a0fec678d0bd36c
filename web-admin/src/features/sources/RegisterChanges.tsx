import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import type { Api } from '../../api/types'
import { dateTime, when } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { problemText } from '../../ui/Fault'
import { Segments } from '../../ui/Field'
import layout from '../../ui/layout.module.css'
import { Blank, View } from '../../ui/States'
import { Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { say } from '../../ui/Toasts'
import { registerChanges, useSettle } from './register'
import style from './Sources.module.css'

/** What the register says otherwise about people here: each told once, and settled by somebody. */
export function RegisterChanges({ settled }: { settled: boolean }) {
  const query = useQuery(registerChanges(settled))
  const navigate = useNavigate()
  return (
    <div className={layout.stack}>
      <div className={layout.row}>
        <Segments
          legend={t('changes.which')}
          value={settled ? 'yes' : 'no'}
          segments={[
            { value: 'no', label: t('changes.open') },
            { value: 'yes', label: t('changes.settled') },
          ]}
          onChange={(value) => void navigate({ to: '/register', search: { tab: 'changes', settled: value === 'yes' ? 'yes' : undefined } })}
        />
      </div>
      <View query={query} unread={t('changes.unread')} rows={6}>
        {({ items }) => (items.length ? <List items={items} settled={settled} /> : <Blank boxed title={t(settled ? 'changes.noneSettled' : 'changes.none')}>{t('changes.help')}</Blank>)}
      </View>
    </div>
  )
}

function List({ items, settled }: { items: Api['RegisterChange'][]; settled: boolean }) {
  return (
    <div className={card.card}>
      <Table
        opens
        caption={t('changes.caption')}
        className={style.wideList}
        head={
          <tr>
            <th scope="col">{t('people.name')}</th>
            <th scope="col">{t('changes.kind')}</th>
            <th scope="col">{t('changes.what')}</th>
            <th scope="col">{t('changes.seen')}</th>
            <th scope="col">{settled ? t('changes.settledBy') : <span className={text.hidden}>{t('page.acts')}</span>}</th>
          </tr>
        }
      >
        <tbody>
          {items.map((one) => (
            <Line key={one.id} one={one} settled={settled} />
          ))}
        </tbody>
      </Table>
    </div>
  )
}

function Line({ one, settled }: { one: Api['RegisterChange']; settled: boolean }) {
  const may = useMay('decide_cases')
  const settle = useSettle()
  const name = one.display_name ?? t('changes.someone')
  return (
    <tr>
      <th scope="row">
        <Link to="/people/$id" params={{ id: one.person_id }} className={table.link}>
          <b><bdi>{name}</bdi></b>
        </Link>
      </th>
      <td>{word('registerChange', one.kind)}</td>
      <td className={style.change}>
        {one.was && <del>{one.was}</del>}
        {one.was && one.became && <span className={text.hidden}> {t('changes.becomes')} </span>}
        {one.was && one.became && <span aria-hidden="true"> → </span>}
        {one.became && <ins>{one.became}</ins>}
      </td>
      <td>
        {when(one.seen_at)}
        <span className={`${text.meta} ${style.second}`}>{word('toldBy', one.told_by)}</span>
      </td>
      <td className={settled ? undefined : table.right}>
        {settled ? (
          <>
            {one.settled_by ?? '–'}
            {one.settled_at && <span className={`${text.meta} ${style.second}`}>{dateTime(one.settled_at)}</span>}
          </>
        ) : (
          <Button
            small
            label={t('changes.settleName', { name })}
            busy={settle.isPending}
            blocked={may ? undefined : t('state.noRight')}
            onPress={() => settle.mutate(one.id, { onSuccess: (done) => say(done.settled ? 'ok' : 'info', t(done.settled ? 'changes.done' : 'changes.already')), onError: (error) => say('failure', problemText(error)) })}
          >
            {t('changes.settle')}
          </Button>
        )}
      </td>
    </tr>
  )
}
