/** The other side of thread.ts. */
import { parentPort } from 'node:worker_threads'
import type { ThreadAnswer, ThreadRequest } from './thread.ts'

/** Answers what this thread is asked; several requests may be at work at the same time. `give` are buffers of an answer that are given away. */
export const answerRequests = <Request, Answer>(
  work: (request: Request) => Promise<Answer>,
  give: (answer: Answer) => ArrayBuffer[] = () => [],
): void => {
  parentPort?.on('message', async ({ id, request }: ThreadRequest<Request>) => {
    const told: ThreadAnswer<Answer> = await work(request).then(
      (answer) => ({ id, answer }),
      (error: unknown) => ({ id, error: error instanceof Error ? error.message : String(error) }),
    )
    parentPort?.postMessage(told, 'answer' in told ? give(told.answer) : [])
  })
}
