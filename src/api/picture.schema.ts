/** Pictures of curves, and links to them. */
import { Type } from 'typebox'
import { objectWithDefaults } from '../catalog/definition.ts'
import { curveMetricSchema } from './curve.schema.ts'

export const pictureFormats = ['svg', 'png'] as const
export type PictureFormat = (typeof pictureFormats)[number]

export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** Jobs of one picture, the one in the path among them. */
export const maxPictured = 10

/** Seconds for which a link may work. */
const linkSeconds = { min: 60, max: 365 * 86_400, default: 7 * 86_400 }

/** What may be said about a picture. */
export const pictureFields = {
  metric: curveMetricSchema,
  width: Type.Integer({ minimum: 200, maximum: 2000, default: 640, description: 'Width in pixels.' }),
  height: Type.Integer({ minimum: 150, maximum: 2000, default: 360, description: 'Height in pixels.' }),
  log: Type.Boolean({ default: false, description: 'A logarithmic scale; values that are not above 0 are left out.' }),
  theme: Type.Unsafe<Theme>({ type: 'string', enum: [...themes], default: 'light', description: 'Dark on light, or light on dark.' }),
  job: Type.Optional(
    Type.Array(Type.String(), {
      maxItems: maxPictured,
      description: `Id of another job for the same picture; repeated for several, at most ${maxPictured} jobs in all.`,
    }),
  ),
}

export const CreatePictureLinkSchema = objectWithDefaults(
  {
    format: Type.Unsafe<PictureFormat>({
      type: 'string',
      enum: [...pictureFormats],
      default: 'svg',
      description: 'SVG, or PNG where only pixels are shown.',
    }),
    ...pictureFields,
    expiresInSeconds: Type.Integer({
      minimum: linkSeconds.min,
      maximum: linkSeconds.max,
      default: linkSeconds.default,
      description: 'How long the link is to work: a minute to 365 days, 7 days unless said.',
    }),
  },
  {
    $id: 'CreatePictureLink',
    description: 'Which picture, and for how long.',
    examples: [{ format: 'png', width: 800, expiresInSeconds: 86_400 }],
  },
)

export const PictureLinkSchema = Type.Object(
  {
    url: Type.String({
      description: 'Path and query of the picture, to be put behind the address of this service. Who has it sees the picture.',
    }),
    expiresAt: Type.String({ format: 'date-time', description: 'From when on it is refused.' }),
  },
  {
    $id: 'PictureLink',
    description: 'A link to a picture that works without a key.',
    examples: [
      {
        url: '/v1/jobs/job_01kaf3m5d9v0q8c1x2y3z4w5a6/loss.png?metric=loss&width=800&height=360&log=false&theme=light&token=t6x2o0.R2Vz4n0fJm1yqk5cQxwS8dB3uHtL7aZpVeN9iKoYr6M',
        expiresAt: '2026-11-27T10:00:00.000Z',
      },
    ],
  },
)

export const pictureSchemas = [CreatePictureLinkSchema, PictureLinkSchema]
