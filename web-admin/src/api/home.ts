import { queryOptions } from '@tanstack/react-query'
import { api, body } from './client'

export const home = queryOptions({ queryKey: ['home'], queryFn: () => body(api.GET('/api/v1/home')), refetchInterval: 60_000 })
export const reach = queryOptions({ queryKey: ['reach'], queryFn: () => body(api.GET('/api/v1/reach')), refetchInterval: 15_000 })
