import { t } from '../../lib/i18n'
import { Diff } from '../../ui/Diff'
import layout from '../../ui/layout.module.css'
import { mappingChanges } from './mapping'
import style from './Sources.module.css'

/** Which field takes which column otherwise, in words, then the two texts line by line. */
export function MappingDiff({ label, before, after }: { label: string; before: string; after: string }) {
  const changes = mappingChanges(before, after)
  return (
    <div className={layout.small}>
      {changes.length > 0 && (
        <ul className={style.words} aria-label={t('mapping.words')}>
          {changes.map((change) => (
            <li key={change}>{change}</li>
          ))}
        </ul>
      )}
      <Diff label={label} before={before} after={after} />
    </div>
  )
}
