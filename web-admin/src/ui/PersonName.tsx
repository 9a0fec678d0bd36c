import { capitals, type Named } from '../lib/format'
import { t } from '../lib/i18n'
import text from './text.module.css'

/** Family name in weight, birth name quieter, given name. */
export function PersonName({ person }: { person: Named }) {
  return (
    <>
      <b>{capitals(person.family)}</b>{' '}
      {person.birth_family && <span className={text.born}>{t(person.sex === 'male' ? 'name.bornMale' : 'name.born', { name: capitals(person.birth_family) })} </span>}
      {person.given}
    </>
  )
}
