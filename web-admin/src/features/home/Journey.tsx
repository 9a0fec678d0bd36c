import { Link, type LinkProps } from '@tanstack/react-router'
import type { Api } from '../../api/types'
import { t, word, type Key } from '../../lib/i18n'
import { buttonClass } from '../../ui/Button'
import { Card } from '../../ui/Card'
import layout from '../../ui/layout.module.css'
import { Sign } from '../../ui/Status'
import text from '../../ui/text.module.css'
import style from './Home.module.css'

type Step = Api['SetupStep']

const targets: Record<Step['kind'], NonNullable<LinkProps['to']>> = {
  establishment: '/system', hr_source: '/sources', active_directory: '/sources', register: '/register', first_review: '/cases', first_application: '/applications/new',
}

/** The first day: each step with its check, the next one to do in the foreground. */
export function Journey({ steps }: { steps: Step[] }) {
  const next = steps.find((step) => !step.done)
  const done = steps.filter((step) => step.done).length
  return (
    <Card title={t('setup.title')} aside={t('setup.done', { count: done, all: steps.length })} className={layout.seven}>
      <ol>
        {steps.map((step, index) => (
          <li key={step.kind} className={style.step}>
            <Sign mood={step.done ? 'ok' : 'off'} large />
            <span className={style.rank}>{index + 1}</span>
            <span className={layout.grow}>
              <b>{step.done ? <Link to={targets[step.kind]}>{word('setup.step', step.kind)}</Link> : word('setup.step', step.kind)}</b> <span className={text.meta}>{t(step.done ? 'setup.isDone' : 'setup.isNot')}</span>
              <br />
              <span className={text.meta}>{t(`setup.help.${step.kind}` as Key)}</span>
            </span>
            {!step.done && (
              <Link to={targets[step.kind]} className={buttonClass({ variant: step === next ? 'primary' : 'plain', small: step !== next })}>
                {word('setup.go', step.kind)}
              </Link>
            )}
          </li>
        ))}
      </ol>
      <p className={`${style.sample} ${text.muted}`}>
        {t('setup.sample')} <code>hygie demo run</code>
      </p>
    </Card>
  )
}
