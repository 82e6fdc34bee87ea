/** Entry of the thread that makes rows of synthetic tables for the API: how they are spread, and those of a mini-batch. */
import { answerGeneratorRequest } from './features/datasets/synthetic.ts'
import { answerRequests } from './platform/thread-entry.ts'

answerRequests(answerGeneratorRequest)
