/**
 * The key of the API, if the service has keys: kept in this tab, and sent in a header that no other page can make a browser send.
 */
import { createStore } from '../store.ts'

const name = 'trainyard-key'

export type KeyState = {
  key: string | null
  /** The last answer was that a key is needed. */
  needed: boolean
  /** Counts the keys that were given, so that what was refused is asked for again. */
  version: number
}

export const keyStore = createStore<KeyState>({ key: read(), needed: false, version: 0 })

/** Takes a key, or forgets it. */
export const setKey = (key: string | null): void => {
  try {
    if (key === null) sessionStorage.removeItem(name)
    else sessionStorage.setItem(name, key)
  } catch {
    // Kept until the page is loaded again.
  }
  keyStore.set({ key, needed: key === null, version: keyStore.get().version + 1 })
}

/** Tells that the key that was sent, if any, is not one of the service; a newer one may have been given meanwhile. */
export const refuseKey = (sent: string | null): void => {
  const state = keyStore.get()
  if (sent === state.key && !state.needed) keyStore.set({ ...state, needed: true })
}

function read(): string | null {
  try {
    return sessionStorage.getItem(name)
  } catch {
    return null
  }
}
