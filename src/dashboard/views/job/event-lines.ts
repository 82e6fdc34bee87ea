/** Events as lines of a list: epochs that follow each other share one. */
import type { JobEvent } from '../../api/types.ts'

export type EventLine = {
  seq: number
  type: string
  at: string
  text: string /** First and last epoch of an `epoch` line. */
  epochs?: [number, number]
}

/** The lines with newer events after them; events that are there already are left out. */
export const addEvents = (lines: EventLine[], events: JobEvent[]): EventLine[] => {
  const last = lines.at(-1)?.seq ?? 0
  const result = [...lines]
  for (const event of events) if (event.seq > last) addEvent(result, event)
  return result
}

const addEvent = (lines: EventLine[], event: JobEvent): void => {
  const { seq, type, at } = event
  const before = lines.at(-1)
  if (event.type !== 'epoch') {
    lines.push({ seq, type, at, text: textOf(event) })
    return
  }
  const { epoch } = event.data
  const first = before?.epochs?.[0] ?? epoch
  const line: EventLine = {
    seq,
    type,
    at,
    epochs: [first, epoch],
    text: first === epoch ? `epoch ${epoch}` : `epochs ${first} to ${epoch}`,
  }
  if (before?.epochs) lines[lines.length - 1] = line
  else lines.push(line)
}

const textOf = (event: JobEvent): string => {
  switch (event.type) {
    case 'queued':
      return event.data.waitsFor ? `waits for a worker with a ${event.data.waitsFor}` : ''
    case 'threshold': {
      const { metric, below, above, value, epoch } = event.data
      return `${metric} ${value} ${below === undefined ? `above ${above}` : `below ${below}`} in epoch ${epoch}`
    }
    case 'resumed':
      return `from epoch ${event.data.fromEpoch}`
    case 'failed':
      return `${event.data.code}: ${event.data.message}`
    case 'warning':
      return event.data.message
    case 'cancelled':
    case 'paused':
    case 'released':
      return event.data.reason ?? ''
    case 'engine.changed':
      return `${event.data.from.backend} → ${event.data.to.backend}`
    case 'succeeded':
      return event.data.stopReason ? `stopped by: ${event.data.stopReason}` : ''
    case 'prediction.started':
    case 'prediction.cancelled':
      return event.data.predictionId
    case 'prediction.succeeded':
      return `${event.data.predictionId}: ${event.data.rows} rows`
    case 'prediction.failed':
      return `${event.data.predictionId}: ${event.data.message}`
    default:
      return ''
  }
}
