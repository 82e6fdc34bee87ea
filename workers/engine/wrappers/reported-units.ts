/** Losses of standardized labels around any engine, told in the units of the labels. */
import { lossCatalog } from '../../../src/catalog/losses/all-losses.ts'
import type { Loss } from '../../../src/catalog/losses/loss.ts'
import type { Engine, EpochReport, LabelUnits, Run } from '../../../src/contracts/engine.ts'
import type { Plan } from '../../../src/contracts/plan.ts'

/** The same engine, whose reports have losses in the units of the labels where those have one unit and the loss scales with it. */
export const withReportedUnits = (engine: Engine): Engine => ({
  ...engine,
  open: async (plan, data, state) => {
    const run = await engine.open(plan, data, state)
    const factor = lossFactor(plan, data.labelUnits)
    return factor === undefined ? run : scale(run, factor)
  },
})

/** How much larger the loss is in the units of the labels; undefined if it has none, or if several labels have units of their own. */
export const lossFactor = ({ config: { loss } }: Plan, units: LabelUnits | undefined): number | undefined => {
  const { unitPower }: Loss = lossCatalog[loss.type]
  const [std, ...others] = units?.stds ?? []
  return std === undefined || unitPower === undefined || others.some((other) => other !== std) ? undefined : std ** unitPower
}

const scale = (run: Run, factor: number): Run => ({
  ...run,
  evaluate: async (): Promise<EpochReport> => {
    const report = await run.evaluate()
    const { loss, batchLoss, validationLoss } = report
    return {
      ...report,
      loss: loss * factor,
      batchLoss: batchLoss * factor,
      validationLoss: validationLoss === null ? null : validationLoss * factor,
    }
  },
})
