import type { Health } from '../../api/types'
import { word } from '../../lib/i18n'
import { Tag } from '../../ui/Status'
import { useKnownMood } from '../../ui/waits'
import { healthMoods } from './words'

/** How a source is, as it was read last. */
export function HealthTag({ health }: { health: Health }) {
  return <Tag mood={useKnownMood(healthMoods[health])}>{word('health', health)}</Tag>
}
