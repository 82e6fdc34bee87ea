import type { Chapter } from './chapter.ts'
import { fromScratch } from './from-scratch.ts'
import { inAFewLines } from './in-a-few-lines.ts'
import { lossesAndFirstWeights } from './losses-and-first-weights.ts'
import { meanOrSum } from './mean-or-sum.ts'
import { questions } from './questions.ts'

/** In the order in which they are best read; another one is another line here. */
export const chapters: Chapter[] = [fromScratch, inAFewLines, meanOrSum, lossesAndFirstWeights, questions]
