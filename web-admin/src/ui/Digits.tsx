import { digitGroups } from '../lib/format'
import text from './text.module.css'

/** A number of the trade, grouped for the eye only. */
export function Digits({ value }: { value: string }) {
  return (
    <span className={text.grouped}>
      {digitGroups(value).map((group, index) => (
        <span key={index}>{group}</span>
      ))}
    </span>
  )
}
