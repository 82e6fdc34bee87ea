import { defineSchedule } from '../schedule.ts'

export const constant = defineSchedule({
  type: 'constant',
  summary: "The optimizer's learning rate in every epoch.",
  options: {},
  rate: ({ base }) => base,
})
