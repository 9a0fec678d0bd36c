import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body } from '../../api/client'
import type { Api } from '../../api/types'

export type OperatorRole = Api['OperatorRole']
export const roles: OperatorRole[] = ['technician', 'desk_agent', 'hr_referent', 'security_officer', 'auditor', 'application_owner']

export const operators = queryOptions({ queryKey: ['operators'], queryFn: () => body(api.GET('/api/v1/operators')) })

function useOperatorAct<Input, Output>(act: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({ mutationFn: act, onSettled: () => Promise.all([['operators'], ['system'], ['accords']].map((queryKey) => client.invalidateQueries({ queryKey }))) })
}

export function useAppoint() {
  return useOperatorAct((asked: Api['OperatorCreate']) => body(api.POST('/api/v1/operators', { body: asked })))
}

export function useNewLink(id: string) {
  return useOperatorAct(() => body(api.POST('/api/v1/operators/{id}/link', { params: { path: { id } } })))
}

/** The right to appoint waits for a second person: what answers then says until when. */
export function useChangeOperator({ id, etag }: Api['Operator']) {
  return useOperatorAct(async (asked: Api['OperatorChange']): Promise<Api['AccordRef'] | undefined> => {
    const { data } = await api.PUT('/api/v1/operators/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body: asked })
    return data
  })
}
