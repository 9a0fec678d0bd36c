/** For the ref of a strip of tabs: the one that is open is in sight on arrival, also where the strip is wider than the screen. */
export function currentInSight(strip: HTMLElement | null) {
  const current = strip?.querySelector<HTMLElement>('[aria-current]')
  if (strip && current) strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2
}
