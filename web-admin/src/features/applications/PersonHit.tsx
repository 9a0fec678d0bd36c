import type { Api } from '../../api/types'
import { day, personName } from '../../lib/format'
import text from '../../ui/text.module.css'

/** Somebody whom a search found, told apart from who bears the same name. */
export function PersonHit({ hit }: { hit: Api['SearchHit'] }) {
  return (
    <>
      {hit.person ? personName(hit.person) : hit.label}
      <span className={text.meta}>{[hit.person?.birth_date && day(hit.person.birth_date), hit.detail].filter(Boolean).join(' · ')}</span>
    </>
  )
}
