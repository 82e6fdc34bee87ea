/** How a job ended: with a result, or with an error. */
import { type Static, Type } from 'typebox'
import { ref } from '../catalog/ref.ts'
import { type JobErrorCode, jobErrorCodes } from '../contracts/error-codes.ts'
import { jsonNumber } from './numbers.ts'
import { ClassNameSchema } from './prediction-output.schema.ts'
import { TruthSchema } from './truth.schema.ts'

/** How sure a solver is of the weights. */
export const StandardErrorsSchema = Type.Object(
  {
    weights: Type.Array(jsonNumber(), { description: 'In the order of `layers.0.weight`.' }),
    bias: Type.Optional(perOutput('Absent without a bias.')),
  },
  { $id: 'StandardErrors', description: 'Standard errors of the weights; `"NaN"` if no degrees of freedom are left.' },
)

/** What a solver tells of its answer besides the weights. */
export const SolverResultSchema = Type.Object(
  {
    type: Type.String({ description: 'The type of the solver.' }),
    rSquared: perOutput("Share of the labels' variance over the training rows that the model explains; about zero without a bias."),
    standardErrors: ref(StandardErrorsSchema),
    degreesOfFreedom: Type.Number({ description: 'Rows less weights of one output; effective weights if a weightDecay shrinks them.' }),
  },
  { $id: 'SolverResult', description: 'What a solver tells of its answer besides the weights.' },
)

/** How rows of each class were decided. */
export const ConfusionMatrixSchema = Type.Object(
  {
    classes: Type.Array(ref(ClassNameSchema), { description: 'The classes, in the order of rows and columns.' }),
    counts: Type.Array(Type.Array(Type.Integer({ minimum: 0 })), {
      description: 'Rows by their class, one list each, and in it by the class that they were taken for.',
    }),
    over: Type.Unsafe<'training' | 'validation'>({
      type: 'string',
      enum: ['training', 'validation'],
      description: 'Which rows: those held back if there are any.',
    }),
  },
  { $id: 'ConfusionMatrix', description: 'How often rows of each class were taken for which, of at most 100 classes.' },
)

export const EstimationErrorSchema = Type.Object(
  { weights: Type.Array(jsonNumber(), { description: 'One per feature.' }), bias: jsonNumber() },
  { $id: 'EstimationError', description: 'True minus learned; for synthetic linear data and one dense layer of one unit.' },
)

/** What a finished job says about its training; solvers and synthetic data add fields of their own. */
export const JobResultSchema = Type.Object(
  {
    loss: jsonNumber('The configured loss over the training rows at the end.'),
    epochs: Type.Integer({ description: 'Finished epochs.' }),
    seconds: Type.Number({ description: 'Training time, full-set loss included, without waiting and storing.' }),
    estimationError: Type.Optional(ref(EstimationErrorSchema)),
    stopReason: Type.Optional(
      Type.Unsafe<'epochs' | 'earlyStopping' | 'stopAtLoss' | 'solved'>({
        type: 'string',
        enum: ['epochs', 'earlyStopping', 'stopAtLoss', 'solved'],
        description: 'Why training ended: all epochs were run, or what ended it before. Absent in jobs of older versions.',
      }),
    ),
    restoredEpoch: Type.Optional(
      Type.Integer({ description: 'The epoch whose weights and loss these are, if early stopping went back to its best.' }),
    ),
    droppedRows: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Rows that were left out, since a label or a feature that they are dropped for is missing.',
      }),
    ),
    confusionMatrix: Type.Optional(ref(ConfusionMatrixSchema)),
    solver: Type.Optional(ref(SolverResultSchema)),
    truth: Type.Optional(ref(TruthSchema)),
  },
  { $id: 'JobResult', description: 'What a finished job says of its training.' },
)
export type JobResult = Static<typeof JobResultSchema>

/** Why a job failed. */
export const JobErrorSchema = Type.Object(
  {
    code: Type.Unsafe<JobErrorCode>({ type: 'string', enum: [...jobErrorCodes], description: 'For programs.' }),
    message: Type.String({ description: 'For people.' }),
  },
  { $id: 'JobError', description: 'Why a job failed.' },
)

function perOutput(description: string) {
  return Type.Union([jsonNumber(), Type.Array(jsonNumber())], {
    description: `${description} A list, by output, if the model has several.`,
  })
}
