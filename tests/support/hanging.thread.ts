/** A thread that answers no request to hang, and any other with what it was asked. */
import { answerRequests } from '../../src/platform/thread-entry.ts'

answerRequests(async (request: string) => {
  while (request === 'hang');
  return request
})
