/** Entry of the thread that decompresses Zstandard for the API. */
import { createZstdDecoder } from './http/bodies/unzstd.ts'
import { answerQuestions } from './platform/thread-entry.ts'

answerQuestions(createZstdDecoder())
