import { endWithParent } from '../../src/platform/watch-parent.ts'
import type { CallMessage, ChildMessage, FailureMessage, Methods } from './messages.ts'

/** The functions behind a child's methods. */
export type Handlers<Served extends Methods> = {
  [Name in keyof Served]: (argument: Served[Name]['argument']) => Promise<Served[Name]['value']> | Served[Name]['value']
}

/**
 * Serves calls of the parent until it is gone, then ends the process: a child never outlives its worker. Signals
 * that reach the whole process group are the parent's to answer.
 */
export const serveParent = <Served extends Methods>(handlers: Handlers<Served>): void => {
  const send = (message: ChildMessage): void => {
    // The parent may be gone by now; `disconnect` then ends this process.
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }
  process.on('disconnect', () => process.exit(0))
  void endWithParent()
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})
  process.on('SIGHUP', () => {})
  process.on('message', async ({ id, method, argument }: CallMessage) => {
    try {
      const handler = handlers[method]
      if (!handler) throw new Error(`there is no method ${method}`)
      send({ id, ok: true, value: await handler(argument) })
    } catch (error) {
      send({ id, ok: false, error: describeFailure(error) })
    }
  })
  if (!process.connected) process.exit(0)
  send({ ready: true })
}

const describeFailure = (error: unknown): FailureMessage => {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { code } = error as { code?: unknown }
  return { name: error.name, message: error.message, stack: error.stack, ...(typeof code === 'string' ? { code } : {}) }
}
