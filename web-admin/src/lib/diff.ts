/** One line of a text set beside another reading of it. */
export interface DiffLine {
  sign: 'same' | 'out' | 'in'
  text: string
}

/** What makes `after` from `before`, line by line, the longest common lines kept. */
export function diff(before: string, after: string): DiffLine[] {
  const left = lines(before)
  const right = lines(after)
  const common = lengths(left, right)
  const found: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    const [out, into] = [left[i], right[j]]
    if (out !== undefined && out === into) {
      found.push({ sign: 'same', text: out })
      i += 1
      j += 1
    } else if (out !== undefined && (into === undefined || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))) {
      found.push({ sign: 'out', text: out })
      i += 1
    } else if (into !== undefined) {
      found.push({ sign: 'in', text: into })
      j += 1
    }
  }
  return found
}

function lines(text: string): string[] {
  return text.replace(/\n+$/, '').split('\n')
}

/** How many lines the ends of both texts share, from each pair of places. */
function lengths(left: string[], right: string[]): number[][] {
  const table = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0))
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const row = table[i]
      if (row) row[j] = left[i] === right[j] ? (table[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(table[i + 1]?.[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return table
}

/** The changed lines with a little of what stands around them; `undefined` where equal lines are left out. */
export function hunks(all: DiffLine[], around = 2): (DiffLine | undefined)[] {
  const near = (at: number) => all.slice(Math.max(0, at - around), at + around + 1).some(({ sign }) => sign !== 'same')
  const kept: (DiffLine | undefined)[] = []
  all.forEach((line, at) => {
    if (near(at)) kept.push(line)
    else if (kept.length === 0 || kept[kept.length - 1] !== undefined) kept.push(undefined)
  })
  return kept
}

/** In how many places two texts differ. */
export function changedParts(before: string, after: string): number {
  if (before === after) return 0
  return diff(before, after).filter(({ sign }, at, all) => sign !== 'same' && (at === 0 || all[at - 1]?.sign === 'same')).length
}
