import { number } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { useTitle } from '../../lib/title'
import { Card, Padded } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import { Note, Status, type Mood } from '../../ui/Status'
import { Table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import style from './Accessibility.module.css'
import rgaa from './rgaa.json'

/** tested: a program checks it at each version. built: true by the way it is written. by_hand: a person has still to check. */
type State = 'tested' | 'built' | 'by_hand' | 'absent'

interface Criterion {
  criterion: string
  asks: string
  state: State
  how: string
}

const criteria = rgaa as Criterion[]
const moods: Record<State, Mood> = { tested: 'ok', built: 'info', by_hand: 'warning', absent: 'off' }
const states: State[] = ['tested', 'built', 'by_hand', 'absent']

/** The 106 criteria of RGAA 4.1, how each is met, and who checked: never « conforme » before an outside audit. */
export function AccessibilityPage() {
  useTitle(t('nav.accessibility'))
  const count = (state: State) => criteria.filter((one) => one.state === state).length
  return (
    <>
      <div className={layout.title}>
        <h1>{t('nav.accessibility')}</h1>
      </div>
      <div className={layout.stack}>
        <Note mood="warning">
          <b>{t('rgaa.noAudit')}</b> {t('rgaa.noAuditHelp')}
        </Note>
        <div className={`${layout.columns} ${layout.even}`}>
          <Card className={layout.six} title={t('rgaa.checked')}>
            <Padded>
              <ul className={style.list}>
                {states.map((state) => (
                  <li key={state}>
                    <Status mood={moods[state]}>
                      <b>{number(count(state))}</b> {word('rgaa.states', state)}
                    </Status>
                  </li>
                ))}
              </ul>
            </Padded>
          </Card>
          <Card className={layout.six} title={t('rgaa.limits')}>
            <Padded>
              <div className={layout.small}>
                <p>{t('rgaa.limits.idle')}</p>
                <p>{t('rgaa.limits.login')}</p>
                <p>{t('rgaa.contact')}</p>
              </div>
            </Padded>
          </Card>
        </div>
        <Criteria />
      </div>
    </>
  )
}

function Criteria() {
  return (
    <Card title={t('rgaa.criteria')} aside={number(criteria.length)}>
      <div lang="fr">
        <Table
          caption={t('rgaa.criteria')}
          className={style.criteria}
          widths={[4, 22, 11, null]}
          head={
            <tr>
              <th scope="col">{t('rgaa.criterion')}</th>
              <th scope="col">{t('rgaa.asks')}</th>
              <th scope="col">{t('rgaa.state')}</th>
              <th scope="col">{t('rgaa.how')}</th>
            </tr>
          }
        >
          <tbody>
            {criteria.map((one) => (
              <tr key={one.criterion}>
                <th scope="row">{one.criterion}</th>
                <td>{one.asks}</td>
                <td>
                  <Status mood={moods[one.state]}>{word('rgaa.stateOf', one.state)}</Status>
                </td>
                <td className={text.plain}>{one.how}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  )
}
