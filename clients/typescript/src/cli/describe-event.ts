/** Events for people, a line each. */
import type { AllJobsEvent, JobEvent } from '../types.ts'
import { loss } from './format.ts'

/** When, what, and the figures that belong to it. */
export const describeEvent = ({ at, type, data }: Pick<JobEvent | AllJobsEvent, 'at' | 'type' | 'data'>): string => {
  const fields = Object.entries(data).filter(([, value]) => typeof value !== 'object')
  // The number of an epoch first, as it counts the lines.
  const told = fields.sort(([one], [other]) => Number(other === 'epoch') - Number(one === 'epoch'))
  return `${at}  ${type.padEnd(10)} ${told.map(([name, value]) => `${name} ${shortly(name, value)}`).join(', ')}`.trimEnd()
}

const shortly = (name: string, value: unknown): string => {
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value)
  return /loss/i.test(name) ? loss(value) : String(Number(value.toPrecision(4)))
}
