/** A child that takes memory until there is none: the JavaScript heap's, or the typed arrays'. */
import { serveParent } from '../../workers/rpc/serve.ts'

type Methods = {
  takeHeap: { argument: null; value: null }
  takeArray: { argument: number; value: null }
  /** As the child that answers calls would: one kind takes the heap, one an array, the others nothing. */
  answer: { argument: { kind: string }; value: { answer: { ok: true; value: null }; rss: number } }
}

const takeHeap = (): never => {
  const held: string[][] = []
  for (;;) held.push(Array.from({ length: 10_000 }, (_, at) => `${held.length} ${at}`))
}

const takeArray = (length: number): null => {
  new Float32Array(length).fill(1)
  return null
}

serveParent<Methods>({
  takeHeap,
  takeArray,
  answer: ({ kind }) => {
    if (kind === 'predict') takeHeap()
    if (kind === 'evaluate') takeArray(2 ** 45)
    return { answer: { ok: true, value: null }, rss: 0 }
  },
})
