/** What the key may do, told to the styles: what changes something is not offered to a key that may only read. */
import { get } from './client.ts'
import type { CurrentKey } from './types.ts'

/** Asks the service about a key. If it does not say, everything is offered, and refused where it must be. */
export const tellScope = async (key: string | null): Promise<void> => {
  const { dataset } = document.documentElement
  delete dataset.scope
  if (key === null) return
  const current = await get<CurrentKey>('/keys/current').catch(() => undefined)
  if (current) dataset.scope = current.scope
}
