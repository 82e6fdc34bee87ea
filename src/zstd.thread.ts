/** Entry of the thread that decompresses Zstandard for the API. */
import { createZstdDecoder } from './http/bodies/unzstd.ts'
import { answerRequests } from './platform/thread-entry.ts'

answerRequests(createZstdDecoder())
