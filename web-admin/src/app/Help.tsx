import { useRouterState } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { t, type Key } from '../lib/i18n'
import { prefer, preference } from '../lib/preferences'
import { Button } from '../ui/Button'
import { Box } from '../ui/Dialog'
import { Check } from '../ui/Field'
import text from '../ui/text.module.css'
import style from './Shell.module.css'

type Keys = [keys: string[], does: Key][]

const everywhere: Keys = [
  [['Ctrl', 'K'], 'help.search'],
  [['/'], 'help.search'],
  [['?'], 'help.here'],
  [['Échap'], 'help.close'],
  [['Alt', '←'], 'help.back'],
]

/** What each page adds; the first address that fits. */
const pages: [start: string, keys: Keys][] = [
  ['/cases', [[['A', 'B', 'C'], 'help.link'], [['1', '2', '3'], 'help.answer'], [['J'], 'help.previous'], [['K'], 'help.next']]],
  ['/runs/', [[['↑', '↓'], 'help.lines'], [['Espace'], 'help.keep'], [['Entrée'], 'help.why']]],
  ['/audit', [[['Entrée'], 'help.open']]],
  ['/people', [[['Entrée'], 'help.open'], [['Espace'], 'help.select']]],
]

/** Single letters act nowhere once they are switched off (RGAA 12.10). */
export function letterKeysOn(): boolean {
  return preference('keys') !== 'off'
}

export function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable)
}

/** `?` outside fields, or the account's menu. */
export function useHelp(): [open: boolean, setOpen: (open: boolean) => void] {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== '?' || isWriting(event.target) || !letterKeysOn()) return
      event.preventDefault()
      setOpen(true)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  return [open, setOpen]
}

export function Help({ onClose }: { onClose: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const [letters, setLetters] = useState(letterKeysOn)
  const here = pages.find(([start]) => path.startsWith(start))?.[1]
  return (
    <Box
      title={t('help.title')}
      onClose={onClose}
      acts={
        <Button autoFocus onPress={onClose}>
          {t('help.done')}
        </Button>
      }
    >
      <h3>{t('help.everywhere')}</h3>
      <List keys={everywhere} />
      {here && <h3>{t('help.thisPage')}</h3>}
      {here && <List keys={here} />}
      <Check
        label={t('help.letters')}
        checked={letters}
        onChange={(on) => {
          prefer('keys', on ? 'on' : 'off')
          setLetters(on)
        }}
      />
    </Box>
  )
}

function List({ keys }: { keys: Keys }) {
  return (
    <dl className={style.keys}>
      {keys.map(([strokes, does]) => (
        <div key={strokes.join()}>
          <dt>
            {strokes.map((stroke) => (
              <kbd key={stroke} className={text.key}>
                {stroke}
              </kbd>
            ))}
          </dt>
          <dd>{t(does)}</dd>
        </div>
      ))}
    </dl>
  )
}
