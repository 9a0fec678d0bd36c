import style from './Progress.module.css'

interface Props {
  value: number
  limit: number
  look?: 'quiet' | 'running' | 'over'
  /** Without a name the bar only repeats figures written beside it. */
  label?: string
}

export function Progress({ value, limit, look = 'quiet', label }: Props) {
  const share = limit > 0 ? Math.min(100, Math.round((value / limit) * 100)) : 0
  const named = label ? { role: 'progressbar', 'aria-label': label, 'aria-valuenow': share, 'aria-valuemin': 0, 'aria-valuemax': 100 } : { 'aria-hidden': true }
  return (
    <div className={[style.bar, look !== 'quiet' && style[look]].filter(Boolean).join(' ')} {...named}>
      <span style={{ width: `${share}%` }} />
    </div>
  )
}
