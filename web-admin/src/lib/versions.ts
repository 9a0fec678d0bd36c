/** One value of a record, as it is shown. */
export interface Line {
  key: string
  name: string
  value: string
}

export interface Difference {
  key: string
  name: string
  before: string | undefined
  after: string | undefined
}

/** What is not the same in two readings of one record, in the order of the newer one. */
export function differences(before: Line[], after: Line[]): Difference[] {
  const old = new Map(before.map((line) => [line.key, line]))
  const found: Difference[] = []
  for (const { key, name, value } of after) {
    const was = old.get(key)
    old.delete(key)
    if (was?.value !== value) found.push({ key, name, before: was?.value, after: value })
  }
  for (const { key, name, value } of old.values()) found.push({ key, name, before: value, after: undefined })
  return found
}
