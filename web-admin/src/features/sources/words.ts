import type { Api, Health, ItemKind } from '../../api/types'
import { word } from '../../lib/i18n'
import type { IconName, Mood } from '../../ui/Status'

export const healthMoods: Record<Health, Mood> = { ok: 'ok', warning: 'warning', failure: 'failure', never: 'off' }

export const runMoods: Record<Api['RunState'], Mood> = {
  reading: 'info', deciding: 'info', planned: 'info', waiting: 'warning', applying: 'info', applied: 'ok', failed: 'failure', refused: 'failure', stopped: 'failure', dismissed: 'off',
}

export const kindIcons: Record<ItemKind, IconName> = { create: 'plus', change: 'plusminus', close: 'minus', reopen: 'reopen', conflict: 'neq', doubt: 'scale' }

/** What is most worth reading comes first. */
export const kindOrder: ItemKind[] = ['doubt', 'conflict', 'close', 'create', 'reopen', 'change']

/** No run does these: a human decides. */
export function isDoubtful(kind: ItemKind): boolean {
  return kind === 'doubt' || kind === 'conflict'
}

/** `post.ends_on` is the end of a post: what it belongs to is said by the line. */
export function fieldWord(field: string): string {
  return word('field', field.slice(field.lastIndexOf('.') + 1))
}
