/** The frame around every view: menu, theme, key, and the view that the address names. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isAway } from '../api/connection.ts'
import { keyStore, setKey } from '../api/key.ts'
import { tellScope } from '../api/scope.ts'
import { matchRoute } from '../match-route.ts'
import { followLinks, usePath } from '../router.ts'
import { routes } from '../routes.ts'
import { useStore } from '../store.ts'
import type { View } from '../view.ts'
import { KeyPrompt } from './key-prompt.tsx'
import { Notice } from './notice.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

export const Shell = () => {
  const path = usePath()
  const { needed, version, key } = useStore(keyStore)
  const away = useStore(isAway)
  useEffect(() => void tellScope(key), [key])
  useEffect(() => followLinks((to) => matchRoute(routes, to) !== undefined), [])

  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <div class="top-inner">
          <a class="brand" href="/" aria-label="Trainyard, start">
            <Mark />
            <span>Trainyard</span>
          </a>
          <nav class="menu" aria-label="Main">
            {routes.map(
              ({ path: to, nav }) =>
                nav && (
                  <a key={to} href={to} aria-current={isWithin(path, to) ? 'page' : undefined}>
                    {nav}
                  </a>
                ),
            )}
            <a href="/docs">API</a>
          </nav>
          {key !== null && (
            <button type="button" class="button small quiet" onClick={() => setKey(null)}>
              Forget key
            </button>
          )}
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" class="view" tabIndex={-1}>
        {away && <Notice kind="bad">The service cannot be reached. The page goes on by itself as soon as it answers again.</Notice>}
        {needed ? <KeyPrompt /> : <CurrentView key={`${version}`} path={path} />}
      </main>
    </>
  )
}

const isWithin = (path: string, to: string): boolean => path === to || path.startsWith(`${to}/`) || (path === '/' && to === '/jobs')

const Mark = () => (
  <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
    <title>Trainyard</title>
    <rect width="32" height="32" rx="7" fill="#1f5fd0" />
    <path d="M5 7c4 13 9 17 22 18" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" />
  </svg>
)

const CurrentView = ({ path }: { path: string }) => {
  const match = matchRoute(routes, path)
  const [loaded, setLoaded] = useState<{ load: unknown; view: View } | { error: true } | undefined>()
  const first = useRef(true)
  const load = match?.route.load

  useEffect(() => {
    let shown = true
    load?.().then(
      (view) => shown && setLoaded({ load, view }),
      () => shown && setLoaded({ error: true }),
    )
    return () => {
      shown = false
    }
  }, [load])

  const view = loaded && 'view' in loaded && loaded.load === load ? loaded.view : undefined
  // Before anybody sees the view: later the focus would be taken from where its reader has gone meanwhile.
  useLayoutEffect(() => {
    if (!view || !match) return
    document.title = `${view.title(match.params)} · Trainyard`
    // Whoever follows a link by keyboard or hears the page goes on where the new view begins.
    if (!first.current) {
      scrollTo(0, 0)
      document.getElementById('main')?.focus({ preventScroll: true })
    }
    first.current = false
  }, [path, view])

  if (!match) return <Notice kind="warn">There is no page at {path}.</Notice>
  if (loaded && 'error' in loaded)
    return <Notice kind="bad">This part of the page could not be loaded. The service may have been updated: load the page again.</Notice>
  return view ? <view.View key={path} params={match.params} /> : <p class="muted">Loading …</p>
}
