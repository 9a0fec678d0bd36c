import { useEffect, useRef, type RefObject } from 'react'
import { t } from '../lib/i18n'
import { differences, type Line } from '../lib/versions'
import { Note } from './Status'
import text from './text.module.css'
import style from './Versions.module.css'

/** What was refused is read first: the focus leaves the button that would send it again. Whoever only reads or types keeps her place. */
export function useTaken(box: RefObject<HTMLElement | null>, refused: boolean) {
  useEffect(() => {
    // Above what was being typed: it may be out of sight. Browsers answer with a promise, which is nothing to call afterwards.
    void box.current?.scrollIntoView?.({ block: 'nearest' })
    if (!refused) return
    box.current?.focus({ preventScroll: true })
    // A dialog that closes on the refusal gives the focus back to its opener a moment later.
    const later = setTimeout(() => {
      if (!box.current?.contains(document.activeElement)) box.current?.focus({ preventScroll: true })
    })
    return () => clearTimeout(later)
  }, [box, refused])
}

/** Somebody else changed the record meanwhile: both readings side by side, what differs only. Roles are said: on a narrow screen the lines are no table to a browser. */
export function Versions({ before, after, mine, refused }: { before: Line[]; after: Line[]; mine?: Line[]; refused: boolean }) {
  const found = differences(before, after)
  // What was typed, beside what the colleague made of it: of the same fields alone.
  const typed = new Map(mine && differences(before, mine).map((one) => [one.key, one.after]))
  const box = useRef<HTMLDivElement>(null)
  useTaken(box, refused)
  return (
    <div role="alert" ref={box} tabIndex={-1} className={style.box}>
      <Note mood="warning">
        <b>{t('versions.moved')}</b> {t(found.length ? 'versions.compare' : 'versions.same')}
      </Note>
      {found.length > 0 && (
        <table className={style.versions} role="table">
          <caption className={text.hidden}>{t('versions.caption')}</caption>
          <thead role="rowgroup">
            <tr role="row">
              <th scope="col" role="columnheader">{t('why.field')}</th>
              <th scope="col" role="columnheader">{t('versions.before')}</th>
              <th scope="col" role="columnheader">{t('versions.after')}</th>
              {typed.size > 0 && <th scope="col" role="columnheader" className={style.mine}>{t('versions.mine')}</th>}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {found.map((one) => (
              <tr key={one.key} role="row">
                <th scope="row" role="rowheader">{one.name}</th>
                <td role="cell" className={text.muted}>{one.before ?? t('versions.none')}</td>
                <td role="cell">
                  <b>{one.after ?? t('versions.none')}</b>
                </td>
                {typed.size > 0 && <td role="cell" className={style.mine}>{typed.has(one.key) ? typed.get(one.key) || t('versions.none') : '–'}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
