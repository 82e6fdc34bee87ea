/** The imports that a page follows: those that it began, and those that were open when it looked. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { get } from '../../api/client.ts'
import type { Import, Page } from '../../api/types.ts'
import { useQuery } from '../../hooks/use-query.ts'

/** No tenant has as many open at a time. */
const listed = 50
/** Milliseconds between two looks while one is open. */
const openMs = 1500

/** True while an import waits or runs. */
export const isOpen = ({ status }: Import): boolean => status === 'queued' || status === 'running'

/** `onStored` is told of each that became a dataset while the page followed it. */
export const useImports = (onStored: () => void) => {
  const [forgotten, setForgotten] = useState<ReadonlySet<string>>(new Set())
  const followed = useRef(new Set<string>())
  const stored = useRef(new Set<string>())
  const { data, reload } = useQuery((signal) => get<Page<Import>>(`/imports?limit=${listed}`, { signal }), [], {
    pollMs: (page) => (page?.data.some(isOpen) ? openMs : null),
  })
  for (const one of data?.data ?? []) if (isOpen(one)) followed.current.add(one.id)
  const shown = (data?.data ?? []).filter(({ id }) => followed.current.has(id) && !forgotten.has(id))
  useEffect(() => {
    const fresh = shown.filter(({ id, datasetId }) => datasetId !== null && !stored.current.has(id))
    for (const { id } of fresh) stored.current.add(id)
    if (fresh.length > 0) onStored()
  }, [data])
  const follow = (id: string): void => {
    followed.current.add(id)
    reload()
  }
  return { shown, follow, reload, forget: (id: string) => setForgotten((before) => new Set([...before, id])) }
}
