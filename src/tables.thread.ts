/** Entry of the thread that reads large files into tables for the API. */
import { workerData } from 'node:worker_threads'
import { createChunkSpools } from './features/datasets/chunk-spool.ts'
import { createIntakeSessions, transferred } from './features/datasets/table/intake-sessions.ts'
import { answerRequests } from './platform/thread-entry.ts'

const { spoolBytes } = workerData as { spoolBytes: number }
answerRequests(createIntakeSessions(createChunkSpools({ most: spoolBytes })), transferred)
