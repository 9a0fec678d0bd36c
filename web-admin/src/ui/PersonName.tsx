import { capitals, givenName, type Named } from '../lib/format'
import { t } from '../lib/i18n'
import text from './text.module.css'

/** Family name in weight, birth name quieter, given name; the whole keeps its own direction of writing, family first. */
export function PersonName({ person }: { person: Named }) {
  return (
    <bdi>
      <span className={text.strong}>{capitals(person.family)}</span>{' '}
      {person.birth_family && <bdi className={text.born}>{t(person.sex === 'male' ? 'name.bornMale' : 'name.born', { name: capitals(person.birth_family) })}</bdi>}
      {person.birth_family && ' '}
      <span>{givenName(person.given)}</span>
    </bdi>
  )
}
