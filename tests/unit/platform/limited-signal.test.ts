/** Limits of time that last, whatever the garbage collector does meanwhile. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { limitedSignal } from '../../../src/platform/limited-signal.ts'

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** Resolves once a signal aborts, with its reason; garbage is collected all the time until then. */
const reasonOf = (signal: AbortSignal): Promise<Error> =>
  new Promise((resolve) => {
    const collecting = setInterval(collectGarbage, 10)
    signal.addEventListener('abort', () => {
      clearInterval(collecting)
      resolve(signal.reason)
    })
  })

describe('a signal with a limit', { timeout: 60_000 }, () => {
  it('aborts after its time, with nothing but the signal held', async () => {
    assert.equal((await reasonOf(limitedSignal(new AbortController().signal, 100))).name, 'TimeoutError')
  })

  it('aborts with the signal that it is made of', async () => {
    const controller = new AbortController()
    const reason = reasonOf(limitedSignal(controller.signal, 60_000))
    controller.abort(new Error('enough'))
    assert.equal((await reason).message, 'enough')
  })
})
