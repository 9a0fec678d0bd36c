import { t } from '../../lib/i18n'

/** « habituel 11 980 à 12 100 », or one figure while the habit rests on one reading. */
export function usualText(low: number, high: number): string {
  return low === high ? t('sources.usualOne', { count: low }) : t('sources.usual', { low, high })
}
