/** The address of the page: what is in it, and how it changes without loading the page again. */
import { createStore, useStore } from './store.ts'

const address = createStore(readAddress())

/** Goes to a path of the page, with its query. `replace` leaves no step behind to go back to. */
export const navigate = (to: string, { replace = false } = {}): void => {
  if (to === address.get()) return
  history[replace ? 'replaceState' : 'pushState'](null, '', to)
  address.set(readAddress())
}

/** The path that is shown. */
export const usePath = (): string => (useStore(address).split('?')[0] ?? '') || '/'

/** The query of the address, and how to change it: undefined or an empty text takes a parameter out. */
export const useSearch = (): [URLSearchParams, (changes: Record<string, string | undefined>) => void] => {
  const [path = '/', query = ''] = useStore(address).split('?')
  const change = (changes: Record<string, string | undefined>): void => {
    const next = new URLSearchParams(query)
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    const text = next.toString()
    navigate(text ? `${path}?${text}` : path)
  }
  return [new URLSearchParams(query), change]
}

/** Lets links to other views change the address alone; others, and those that are opened elsewhere, are left to the browser. */
export const followLinks = (isView: (path: string) => boolean): (() => void) => {
  const onClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
    if (link.hash && link.pathname === location.pathname) return
    if (!isView(link.pathname)) return
    event.preventDefault()
    navigate(link.pathname + link.search)
  }
  const onBack = (): void => address.set(readAddress())
  document.addEventListener('click', onClick)
  window.addEventListener('popstate', onBack)
  return () => {
    document.removeEventListener('click', onClick)
    window.removeEventListener('popstate', onBack)
  }
}

function readAddress(): string {
  return location.pathname + location.search
}
