// A walk through a page by Tab alone, as somebody without a mouse does it.
const FOCUSABLE = 'a[href], button, input, select, textarea, [tabindex="0"]'
const MOST_STOPS = 900

const MOST_WALKS = 3

/**
 * Answers what is wrong: a stop that cannot be seen, a trap, something that Tab never reaches. A group of radios is one
 * stop; what is disabled or hidden is none. Stops are known by their rank, so that a walk during which the page got or
 * lost one (an answer that came late, a sign in the header) tells nothing, and is begun again.
 */
export async function walkFaults(page) {
  for (let walk = 1; ; walk += 1) {
    const before = await page.evaluateHandle((selector) => [...document.querySelectorAll(selector)], FOCUSABLE)
    const found = await walkOnce(page)
    const steady = await before.evaluate((all, selector) => {
      const now = [...document.querySelectorAll(selector)]
      return now.length === all.length && now.every((one, rank) => one === all[rank])
    }, FOCUSABLE)
    await before.dispose()
    if (steady || found.faults.length === 0) return found
    if (walk === MOST_WALKS) return { ...found, faults: [...found.faults, `the page changed under each of ${MOST_WALKS} walks`] }
  }
}

async function walkOnce(page) {
  await page.evaluate(() => {
    // Where a reader begins: before the first thing, whatever took the focus on arrival.
    document.body.tabIndex = -1
    document.body.focus()
    document.body.removeAttribute('tabindex')
    window.scrollTo(0, 0)
  })
  const faults = []
  const stops = new Set()
  let last
  for (let count = 0; count < MOST_STOPS; count += 1) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(describeFocus, FOCUSABLE)
    if (!stop) break // past the end, back to the window
    if (stop.rank === last) faults.push(`trap at ${stop.name}`)
    if (stops.has(stop.rank)) break
    if (count === 0 && !/Aller au contenu/.test(stop.name)) faults.push(`the first stop is ${stop.name}`)
    if (!stop.seen) faults.push(`not seen when it has the focus: ${stop.name}`)
    if (!stop.ring) faults.push(`no visible focus on ${stop.name}`)
    stops.add(stop.rank)
    last = stop.rank
    if (faults.length > 5) break
  }
  const missed = await page.evaluate(notReached, { selector: FOCUSABLE, reached: [...stops] })
  return { stops: stops.size, faults: [...faults, ...missed.map((name) => `never reached: ${name}`)] }
}

function describeFocus(selector) {
  const element = document.activeElement
  if (!element || element === document.body) return undefined
  const all = [...document.querySelectorAll(selector)]
  const drawn = element.matches('input[type=radio], input[type=checkbox]') ? (element.closest('label') ?? element) : element
  const box = drawn.getBoundingClientRect()
  const style = getComputedStyle(element)
  const around = getComputedStyle(drawn)
  const ringed = (one) => (one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 1) || one.boxShadow !== 'none'
  return {
    rank: all.indexOf(element),
    name: `${element.tagName.toLowerCase()} « ${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 60)} »`,
    seen: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    // A part of a date is lit whole.
    ring: ringed(style) || ringed(around) || (element.role === 'spinbutton' && style.backgroundColor !== 'rgba(0, 0, 0, 0)'),
  }
}

function notReached({ selector, reached }) {
  const seen = new Set(reached)
  const groups = new Set()
  const all = [...document.querySelectorAll(selector)]
  const radioGroup = (one) => one.matches('input[type=radio]') && one.name
  all.forEach((one, rank) => seen.has(rank) && radioGroup(one) && groups.add(one.name))
  return all.flatMap((one, rank) => {
    if (seen.has(rank) || one.disabled || one.tabIndex < 0 || !one.checkVisibility({ visibilityProperty: true }) || one.closest('[inert]')) return []
    if (radioGroup(one) && groups.has(one.name)) return []
    return [`${one.tagName.toLowerCase()} « ${(one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 60)} »`]
  })
}

/** The spacing that a reader may ask for (WCAG 1.4.12): what then leaves the page sideways. */
export async function spacingFaults(page) {
  const style = await page.addStyleTag({ content: '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }' })
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  await style.evaluate((element) => element.remove())
  return sideways > 0 ? [`${sideways} px sideways`] : []
}
