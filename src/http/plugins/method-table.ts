import type { FastifyRequest } from 'fastify'
import type { App } from '../types.ts'

/** Remembers which methods each path has, so that a wrong method can be told from a wrong path. Create it before the routes. */
export const createMethodTable = (app: App) => {
  const routes: { pattern: RegExp; methods: string[] }[] = []
  /** Paths without a parameter: what they are no other path's parameter may name. */
  const fixed = new Map<string, string[]>()

  app.addHook('onRoute', ({ url, method }) => {
    if (!url.includes(':')) fixed.set(url, [...(fixed.get(url) ?? []), ...[method].flat()])
    if (!url.includes('*')) routes.push({ pattern: toPattern(url), methods: [method].flat() })
  })

  /** Methods of a path, none if there is no such path. */
  const allowedAt = (url: string): string[] => {
    const path = pathOf(url)
    return [...new Set(fixed.get(path) ?? routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort()
  }

  /** True of a request by a method that its path lacks, if another path with a parameter has it: /keys/current is not the key named current. */
  const isMisled = ({ url, routeOptions }: FastifyRequest): boolean => routeOptions.url?.includes(':') === true && fixed.has(pathOf(url))

  return { allowedAt, isMisled }
}

const pathOf = (url: string): string => url.split('?')[0] ?? ''

const toPattern = (url: string): RegExp => new RegExp(`^${url.split('/').map(toStepPattern).join('/')}$`)

/** One step of a path: text, or a parameter, which may say in parentheses what it takes, and have text behind it. */
const toStepPattern = (step: string): string => {
  const [, taken = '[^/]+', behind = ''] = /^:\w+(?:\(\^?(.*)\))?(.*)$/.exec(step) ?? [undefined, '', step]
  return taken + behind.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
