import type { App } from '../types.ts'

/** Remembers which methods each path has, so that a wrong method can be told from a wrong path. Create it before the routes. */
export const createMethodTable = (app: App) => {
  const routes: { pattern: RegExp; methods: string[] }[] = []

  app.addHook('onRoute', ({ url, method }) => {
    if (!url.includes('*')) routes.push({ pattern: toPattern(url), methods: [method].flat() })
  })

  /** Methods of a path, none if there is no such path. */
  const allowedAt = (url: string): string[] => {
    const path = url.split('?')[0] ?? ''
    return [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort()
  }

  return { allowedAt }
}

const toPattern = (url: string): RegExp => new RegExp(`^${url.split('/').map(toStepPattern).join('/')}$`)

/** One step of a path: text, or a parameter, which may say in parentheses what it takes, and have text behind it. */
const toStepPattern = (step: string): string => {
  const [, taken = '[^/]+', behind = ''] = /^:\w+(?:\(\^?(.*)\))?(.*)$/.exec(step) ?? [undefined, '', step]
  return taken + behind.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
