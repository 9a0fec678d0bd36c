import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, body, once } from '../api/client'
import type { Api } from '../api/types'
import { shortName, until, when } from '../lib/format'
import { eventText, t } from '../lib/i18n'
import { Button } from '../ui/Button'
import { listOfLines } from '../ui/Card'
import { Box } from '../ui/Dialog'
import { problemText } from '../ui/Fault'
import layout from '../ui/layout.module.css'
import { View } from '../ui/States'
import text from '../ui/text.module.css'
import { say } from '../ui/Toasts'

const ownActs = { queryKey: ['own-acts'], queryFn: () => body(api.GET('/api/v1/me/acts')), staleTime: 0 }

/** What one did in the last quarter of an hour: a keyboard is not raced by a message that fades. */
export function OwnActs({ onClose }: { onClose: () => void }) {
  const query = useQuery(ownActs)
  return (
    <Box
      title={t('ownActs.title')}
      onClose={onClose}
      acts={
        <Button autoFocus onPress={onClose}>
          {t('action.close')}
        </Button>
      }
    >
      <View query={query} unread={t('ownActs.unread')} rows={3}>
        {({ items }) =>
          items.length ? (
            <ul className={listOfLines}>
              {items.map((one) => (
                <Act key={`${one.at} ${one.event} ${one.undo?.case_id ?? one.subject?.id ?? ''}`} one={one} />
              ))}
            </ul>
          ) : (
            <p className={text.muted}>{t('ownActs.none')}</p>
          )
        }
      </View>
    </Box>
  )
}

function Act({ one }: { one: Api['OwnAct'] }) {
  const client = useQueryClient()
  const undo = useMutation({
    mutationFn: (id: string) => body(api.POST('/api/v1/cases/{id}/undo', { params: { path: { id }, header: once() } })),
    onSuccess: () => say('ok', t('ownActs.undone')),
    onError: (error) => say('failure', problemText(error)),
    onSettled: () => client.invalidateQueries(),
  })
  const { undo: back } = one
  return (
    <li>
      <time className={text.muted} dateTime={one.at}>
        {when(one.at)}
      </time>
      <span className={layout.grow}>
        {eventText(one.event, one.params)}
        {one.subject && `, ${shortName(one.subject)}`}
        {back && (
          <>
            <br />
            <span className={text.meta}>{t('ownActs.until', { until: until(back.until) })}</span>
          </>
        )}
      </span>
      {back && (
        <Button small blocked={undefined} busy={undo.isPending} label={t('ownActs.undoName', { what: [eventText(one.event, one.params), one.subject && shortName(one.subject)].filter(Boolean).join(', ') })} onPress={() => undo.mutate(back.case_id)}>
          {t('action.undo')}
        </Button>
      )}
    </li>
  )
}
