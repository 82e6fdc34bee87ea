import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Arrays up to so many bytes are left to V8. */
const leastBytes = 64 * 2 ** 20

let collect: (() => void) | undefined

/**
 * Gives arrays of the size of a large model back that nobody holds any more: V8 sees that they are there too late, since their
 * bytes lie outside its heap, and the next step would need its memory beside them.
 */
export const collectGarbage = (bytes: number): void => {
  if (bytes < leastBytes) return
  if (!collect) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
