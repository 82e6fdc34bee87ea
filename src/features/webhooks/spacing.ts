/** Keeps chatty events of a job apart, to each webhook. Pure. */
import { chattyMs, chattyTypes } from './chatty.ts'
import type { Telling } from './dispatch.ts'

/** Of a chatty type of a job: in how many milliseconds the next may be sent, and whether what waited tells the newest now. */
export type Waiting = Pick<Telling, 'webhookId' | 'jobId' | 'type'> & { isReplaced: boolean; afterMs: number }

/** What is left to be stored, each with the milliseconds after which it may be sent. */
export const timeOf = (told: readonly Telling[], waiting: readonly Waiting[]): (Telling & { afterMs: number })[] => {
  const before = new Map(waiting.map((one) => [keyOf(one), one]))
  return told.flatMap((one) => {
    if (!chattyTypes.includes(one.type)) return [{ ...one, afterMs: 0 }]
    const { isReplaced, afterMs } = before.get(keyOf(one)) ?? { isReplaced: false, afterMs: 0 }
    before.set(keyOf(one), { ...one, isReplaced: false, afterMs: isReplaced ? afterMs : afterMs + chattyMs })
    return isReplaced ? [] : [{ ...one, afterMs }]
  })
}

/** The first chatty ones of each type; what comes before anything else to the webhook of its job may stand for what waits there. */
export const firstChatty = (told: readonly Telling[]): (Telling & { mayReplace: boolean })[] => {
  const seen = new Set<string>()
  return told.flatMap((one) => {
    const key = `${one.webhookId} ${one.jobId}`
    const mayReplace = !seen.has(key)
    const isFirst = !seen.has(keyOf(one))
    seen.add(key).add(keyOf(one))
    return isFirst && chattyTypes.includes(one.type) ? [{ ...one, mayReplace }] : []
  })
}

const keyOf = ({ webhookId, jobId, type }: Pick<Telling, 'webhookId' | 'jobId' | 'type'>): string => `${webhookId} ${jobId} ${type}`
