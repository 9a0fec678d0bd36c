import { useCallback } from 'react'

/** Says on the frame around a region that scrolls sideways where more of it is: `data-more` is start, end or both. */
export function useEdges() {
  return useCallback((region: HTMLElement | null) => {
    const frame = region?.parentElement
    if (!region || !frame || typeof ResizeObserver === 'undefined') return
    const look = () => {
      const hidden = region.scrollWidth - region.clientWidth
      // Languages that begin at the right count from zero down.
      const at = Math.abs(region.scrollLeft)
      const more = [at > 1 && 'start', at < hidden - 1 && 'end'].filter(Boolean)
      if (more.length) frame.dataset['more'] = more.join(' ')
      else delete frame.dataset['more']
    }
    const watcher = new ResizeObserver(look)
    watcher.observe(region)
    for (const inside of region.children) watcher.observe(inside)
    region.addEventListener('scroll', look, { passive: true })
    return () => {
      watcher.disconnect()
      region.removeEventListener('scroll', look)
    }
  }, [])
}
