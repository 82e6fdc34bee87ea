/** A child that takes memory until there is none: the JavaScript heap's, or the typed arrays'. */
import { serveParent } from '../../workers/rpc/serve.ts'

type Methods = { takeHeap: { argument: null; value: null }; takeArray: { argument: number; value: null } }

serveParent<Methods>({
  takeHeap: () => {
    const held: string[][] = []
    for (;;) held.push(Array.from({ length: 10_000 }, (_, at) => `${held.length} ${at}`))
  },
  takeArray: (length) => {
    new Float32Array(length).fill(1)
    return null
  },
})
