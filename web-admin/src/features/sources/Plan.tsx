import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment, useState, type KeyboardEvent } from 'react'
import type { Api, ItemKind, Run, RunItem } from '../../api/types'
import { number } from '../../lib/format'
import { t, word } from '../../lib/i18n'
import { nextLink, type Held } from '../../lib/paths'
import { Button, buttonClass } from '../../ui/Button'
import card from '../../ui/Card.module.css'
import { Check } from '../../ui/Field'
import { useGradually } from '../../ui/gradually'
import { Icon, Sign, Status } from '../../ui/Status'
import { PersonName } from '../../ui/PersonName'
import { Room, Table, table } from '../../ui/Table'
import text from '../../ui/text.module.css'
import { Changes } from './Changes'
import { nameOf } from './names'
import { runItems } from './queries'
import type { Selection } from './selection'
import style from './Sources.module.css'
import { isDoubtful, kindIcons, kindOrder } from './words'

interface Props {
  run: Run
  page: Held<Api['RunItemsPage']>
  /** Not the first page. */
  turned: boolean
  selection: Selection
  open: boolean
  /** What a human decides is not in these lines: it is counted above them. */
  first: boolean
  why: RunItem | undefined
  onWhy: (item: RunItem) => void
  onPage: (cursor: string | undefined) => void
}

/** Arrows go from line to line, Space keeps or sets aside (the box has the focus), Enter says why. */
function walk(event: KeyboardEvent<HTMLElement>) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp' && event.key !== 'Enter') return
  const box = event.target
  if (!(box instanceof HTMLInputElement) || box.type !== 'checkbox') return
  const line = box.closest('tr')
  if (event.key === 'Enter') {
    line?.querySelector<HTMLButtonElement>('button')?.click()
    return
  }
  event.preventDefault()
  const boxes = [...event.currentTarget.querySelectorAll<HTMLInputElement>('tbody input[type="checkbox"]')]
  boxes[boxes.indexOf(box) + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
}

export function Plan(props: Props) {
  const { run, page, turned, first, why, onPage } = props
  const drawn = useGradually(page.items)
  const kinds = kindOrder.filter((kind) => drawn.some((item) => item.kind === kind))
  return (
    <div className={card.card} onKeyDown={walk}>
      <Table
        caption={t('run.caption', { count: page.total })}
        className={style.plan}
        widths={[2.5, 6, why ? 8 : 11, null, 5.25, 7.25]}
        head={
          <tr>
            <th scope="col">
              <span className={text.hidden}>{t('run.keep')}</span>
            </th>
            <th scope="col">{t('run.effect')}</th>
            <th scope="col">{t('run.who')}</th>
            <th scope="col">{t('run.what')}</th>
            <th scope="col">{t('person.source')}</th>
            <th scope="col">
              <span className={text.hidden}>{t('run.detail')}</span>
            </th>
          </tr>
        }
      >
        {first && <ToDecide doubts={run.counts.doubt} conflicts={run.counts.conflict} />}
        {kinds.map((kind) => (
          <tbody key={kind}>
            <Group kind={kind} count={run.counts[kind]} open={props.open} />
            {drawn
              .filter((item) => item.kind === kind)
              .map((item) => (
                <Line key={item.id} item={item} {...props} />
              ))}
          </tbody>
        ))}
        <Room lines={page.items.length - drawn.length} />
      </Table>
      {(page.next_cursor ?? turned) && (
        <div className={table.foot}>
          <Button small inert={nextLink(page).disabled} onPress={() => onPage(page.next_cursor ?? undefined)}>
            {t('page.next')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** One line however many they are, so that what the run would do by itself stays in sight. */
function ToDecide({ doubts, conflicts }: { doubts: number; conflicts: number }) {
  const what = [doubts > 0 && word('toDecide', 'doubt', { count: doubts }), conflicts > 0 && word('toDecide', 'conflict', { count: conflicts })].filter(Boolean)
  return (
    <tbody>
      <tr className={table.group}>
        <th colSpan={5} scope="colgroup">
          <Status mood="doubt">{t('run.decideFirst', { what: what.join(', ') })}</Status>
        </th>
        <td>
          <Link to="/cases" className={buttonClass({ small: true })}>
            {t('run.decideAll', { count: doubts + conflicts })}
          </Link>
        </td>
      </tr>
    </tbody>
  )
}

/** What a human decides leads to where it is decided, read apart too. */
function Group({ kind, count, open }: { kind: ItemKind; count: number; open: boolean }) {
  const name = `${word('kinds', kind)} ${number(count)}`
  const decides = open && isDoubtful(kind)
  return (
    <tr className={table.group}>
      <th colSpan={decides ? 5 : 6} scope="colgroup">
        {isDoubtful(kind) ? <Status mood="doubt">{name}</Status> : name}
      </th>
      {decides && (
        <td>
          <Link to="/cases" className={buttonClass({ small: true })}>
            {t('run.decideAll', { count })}
          </Link>
        </td>
      )}
    </tr>
  )
}

function Line({ item, run, ...rest }: Props & { item: RunItem }) {
  const [unfolded, setUnfolded] = useState(false)
  return (
    <Fragment>
      <OneLine item={item} run={run} {...rest} unfolded={unfolded} onUnfold={() => setUnfolded(!unfolded)} />
      {unfolded && item.pattern_key && <Members run={run} item={item} {...rest} />}
    </Fragment>
  )
}

function Members({ item, run, ...rest }: Props & { item: RunItem }) {
  const members = useQuery(runItems(run.id, { pattern: item.pattern_key ?? undefined }))
  return (members.data?.items ?? []).map((member) => <OneLine key={member.id} item={member} run={run} {...rest} member />)
}

interface LineProps extends Props {
  item: RunItem
  unfolded?: boolean
  onUnfold?: () => void
  member?: boolean
}

function OneLine({ item, run, selection, open, why, onWhy, unfolded, onUnfold, member = false }: LineProps) {
  const kept = selection.isKept(item)
  const toDecide = isDoubtful(item.kind)
  const name = nameOf(item)
  const shape = [why?.id === item.id && table.on, open && !kept && !toDecide && style.aside, member && style.member].filter(Boolean).join(' ')
  return (
    <tr className={shape}>
      <td>{open && !toDecide && !member ? <Check hidden label={t('run.keepOne', { name })} checked={kept} onChange={(on) => selection.set(item, on)} /> : item.result && <Result result={item.result} />}</td>
      <td>
        <span className={style.kind}>
          <Icon name={kindIcons[item.kind]} quiet />
          {word('kind', item.kind)}
        </span>
      </td>
      <th scope="row" className={item.pattern_count > 1 ? style.fold : undefined}>
        <span>{item.person ? <PersonName person={item.person} /> : name}</span>
      </th>
      <td>
        <span>
          <Changes item={item} />
        </span>
      </td>
      <td className={text.muted}>{item.sources.join(' + ') || run.source_name}</td>
      <td className={table.right}>
        {item.pattern_count > 1 ? (
          <Button small expanded={unfolded ?? false} onPress={onUnfold}>
            {unfolded ? t('run.fold') : t('run.unfold', { count: item.pattern_count })}
          </Button>
        ) : (
          <Button small pressed={why?.id === item.id} label={`${t('action.why')} ${name}`} onPress={() => onWhy(item)}>
            {t('action.why')}
          </Button>
        )}
      </td>
    </tr>
  )
}

function Result({ result }: { result: Api['ItemResult'] }) {
  return (
    <>
      <Sign mood={result === 'applied' ? 'ok' : result === 'failed' ? 'failure' : 'off'} />
      <span className={text.hidden}>{word('itemResult', result)}</span>
    </>
  )
}
