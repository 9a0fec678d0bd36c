import { diff, hunks } from '../lib/diff'
import { t } from '../lib/i18n'
import style from './Diff.module.css'
import text from './text.module.css'

const marks = { same: ' ', out: '−', in: '+' } as const

/** Two readings of a text: what goes is struck and marked −, what comes is strong and marked +. */
export function Diff({ label, before, after }: { label: string; before: string; after: string }) {
  const lines = hunks(diff(before, after))
  if (lines.every((line) => !line)) return <p className={text.muted}>{t('diff.same')}</p>
  return (
    // The region takes the focus so that the keyboard can scroll long lines.
    <div className={style.diff} role="region" aria-label={label} tabIndex={0}>
      {lines.map((line, at) => (
        <div key={at} className={line ? style[line.sign] : style.gap}>
          <span className={style.mark} aria-hidden="true">
            {line ? marks[line.sign] : '…'}
          </span>
          {line && line.sign !== 'same' && <span className={text.hidden}>{t(line.sign === 'out' ? 'diff.out' : 'diff.in')} </span>}
          {line?.sign === 'out' ? <del>{line.text}</del> : line?.sign === 'in' ? <ins>{line.text}</ins> : line?.text}
        </div>
      ))}
    </div>
  )
}
