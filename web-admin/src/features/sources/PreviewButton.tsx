import { useNavigate } from '@tanstack/react-router'
import { useMay } from '../../api/me'
import { usePreview } from '../../api/preview'
import { t } from '../../lib/i18n'
import { Button } from '../../ui/Button'
import { problemText } from '../../ui/Fault'
import { say } from '../../ui/Toasts'

/** A dry run: the same code as a run, without the last step. */
export function PreviewButton({ id, name, again = false, small = true }: { id: string; name: string; again?: boolean; small?: boolean }) {
  const may = useMay('run_sources')
  const preview = usePreview()
  const navigate = useNavigate()
  return (
    <Button
      small={small}
      icon={again ? 'refresh' : undefined}
      busy={preview.isPending}
      blocked={may ? undefined : t('state.noRight')}
      label={`${t(again ? 'run.again' : 'run.preview')} ${name}`}
      onPress={() =>
        preview.mutate(id, {
          onSuccess: ({ run_id }) => void navigate({ to: '/runs/$id', params: { id: run_id } }),
          onError: (error) => say('failure', problemText(error)),
        })
      }
    >
      {t(again ? 'run.again' : 'run.preview')}
    </Button>
  )
}
