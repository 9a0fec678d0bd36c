/** A refusal of the appliance (RFC 9457), worded from its stable `code`. */
export class ProblemError extends Error {
  readonly status: number
  readonly code: string
  readonly reference: string | undefined
  readonly params: Record<string, string>
  readonly fields: { field: string; code: string; params?: Record<string, string> | null }[]

  constructor(status: number, body: Partial<ProblemBody>) {
    super(body.title ?? `HTTP ${status}`)
    this.name = 'ProblemError'
    this.status = status
    this.code = body.code ?? (status === 0 ? 'unreachable' : 'internal')
    this.reference = body.reference
    this.params = body.params ?? {}
    this.fields = body.fields ?? []
  }
}

interface ProblemBody {
  title: string
  code: string
  reference: string
  params: Record<string, string> | null
  fields: { field: string; code: string; params?: Record<string, string> | null }[] | null
}
