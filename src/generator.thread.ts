/** Entry of the thread that makes rows of synthetic tables for the API: how they are spread, and those of a mini-batch. */
import { answerGeneratorQuestion } from './features/datasets/synthetic.ts'
import { answerQuestions } from './platform/thread-entry.ts'

answerQuestions(answerGeneratorQuestion)
