/** A child whose one method answers first and then never leaves the main thread again. */
import { serveParent } from '../../workers/rpc/serve.ts'

serveParent<{ spin: { argument: null; value: true } }>({
  spin: () => {
    setTimeout(() => {
      for (;;);
    }, 10)
    return true
  },
})
