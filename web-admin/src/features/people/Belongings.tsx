import type { Api } from '../../api/types'
import { ago, day } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { Card, Padded } from '../../ui/Card'
import { Status, type Mood } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import style from './People.module.css'

export function Posts({ posts }: { posts: Api['Post'][] }) {
  return (
    <Card title={t('person.posts')} aside={posts.length} anchor="affectations">
      {posts.length === 0 ? (
        <Padded>{t('person.noPost')}</Padded>
      ) : (
        <Table
          caption={t('person.posts')}
          className={style.wideTable}
          head={
            <tr>
              <th scope="col">{t('people.unit')}</th>
              <th scope="col">{t('people.function')}</th>
              <th scope="col">{t('person.contract')}</th>
              <th scope="col">{t('person.from')}</th>
              <th scope="col">{t('person.to')}</th>
              <th scope="col">{t('person.source')}</th>
            </tr>
          }
        >
          <tbody>
            {posts.map((post) => (
              <tr key={post.id}>
                <th scope="row">{[post.unit, post.unit_name].filter(Boolean).join(' ') || post.entity}</th>
                <td>{post.function}</td>
                <td>{post.contract}</td>
                <td>{post.from && day(post.from)}</td>
                <td className={text.nowrap}>{post.to ? day(post.to) : <span className={text.muted}>{t('people.noEnd')}</span>}</td>
                <td className={`${text.muted} ${text.nowrap}`}>{post.line ? t('person.sourceLine', { name: post.source_name ?? '', line: post.line }) : post.source_name}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}

const moods: Record<Api['AccountState'], Mood> = { active: 'ok', disabled: 'off', deleted: 'off', missing: 'warning' }

export function Accounts({ accounts }: { accounts: Api['Account'][] }) {
  return (
    <Card title={t('person.accounts')} aside={accounts.length} anchor="comptes">
      {accounts.length === 0 ? (
        <Padded>{t('person.noAccount')}</Padded>
      ) : (
        <Table
          caption={t('person.accounts')}
          className={style.wideTable}
          head={
            <tr>
              <th scope="col">{t('person.system')}</th>
              <th scope="col">{t('field.login')}</th>
              <th scope="col">{t('people.state')}</th>
              <th scope="col">{t('person.linkedBy')}</th>
              <th scope="col">{t('person.read')}</th>
            </tr>
          }
        >
          <tbody>
            {accounts.map((account) => (
              <tr key={account.id}>
                <th scope="row">{word('systemName', account.system)}</th>
                <td className={text.mono}>{account.login}</td>
                <td>
                  <Status mood={moods[account.state]}>{word('accountState', account.state)}</Status>
                </td>
                <td className={text.muted}>{account.linked_by ? word('linkedBy', account.linked_by) : '–'}</td>
                <td className={text.muted}>{account.read_at && ago(account.read_at)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  )
}
