import type { Route } from './view.ts'

/** The route of a path and the named parts of it; undefined if there is none. */
export const matchRoute = (routes: Route[], path: string): { route: Route; params: Record<string, string> } | undefined => {
  const parts = partsOf(path)
  for (const route of routes) {
    const wanted = partsOf(route.path)
    if (wanted.length !== parts.length || !wanted.every((part, at) => part.startsWith(':') || part === parts[at])) continue
    const params = Object.fromEntries(
      wanted.flatMap((part, at) => (part.startsWith(':') ? [[part.slice(1), decode(parts[at] ?? '')]] : [])),
    )
    return { route, params }
  }
  return undefined
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
