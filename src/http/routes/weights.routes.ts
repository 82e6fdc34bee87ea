/** The learned weights: /v1/jobs/{id}/weights, in the representation that the client asks for. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { LayersModelSchema } from '../../api/layers-model.schema.ts'
import { WeightsSchema } from '../../api/tensors.schema.ts'
import { ref } from '../../catalog/ref.ts'
import { Problem } from '../../contracts/error-codes.ts'
import { formatNames, mediaTypes, type WeightFormat, weightFormats } from '../../features/weights/formats.ts'
import type { WeightsFile, WeightsService } from '../../features/weights/weights.service.ts'
import { entityTag, isKnown } from '../entity-tags.ts'
import { preferredType } from '../plugins/negotiation.ts'
import { answers, anyQuery, dispositionHeader, file, idParams, noContent, tagHeader } from '../schemas.ts'
import type { App } from '../types.ts'

const params = idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6')
const largestEpoch = 2 ** 31 - 1

const weightsQuery = Type.Object(
  {
    epoch: Type.Optional(Type.Integer({ minimum: 1, maximum: largestEpoch, description: 'The last recorded epoch unless asked.' })),
    layout: Type.Unsafe<'native' | 'torch'>({
      type: 'string',
      enum: ['native', 'torch'],
      default: 'native',
      description:
        '`torch`: names and layouts of the state_dict of a torch.nn.Sequential, in which each activation is a module of its own. Rows that follow a flatten are in the order of its channels-first images.',
    }),
    format: Type.Optional(
      Type.Unsafe<WeightFormat>({ type: 'string', enum: formatNames, description: 'In place of `Accept`, for links and for browsers.' }),
    ),
  },
  { additionalProperties: false },
)
const fileParams = Type.Object({
  ...params.properties,
  epoch: Type.Integer({ minimum: 1, maximum: largestEpoch, description: 'The epoch of the weights.', examples: [3] }),
})

const [jsonType] = weightFormats.json.mediaTypes
const [safetensorsType] = weightFormats.safetensors.mediaTypes
const [npzType] = weightFormats.npz.mediaTypes
const [onnxType] = weightFormats.onnx.mediaTypes
const [layersModelType] = weightFormats.layersModel.mediaTypes

const description = [
  `By \`Accept\`, or by \`format\`: \`${jsonType}\`, \`${safetensorsType}\`, \`${npzType}\`,`,
  `\`${onnxType}\`, a model from the columns of the dataset to predictions, or \`${layersModelType}\`,`,
  "which is what `tf.loadLayersModel` reads, with the job's standardization as its first layer.",
].join(' ')

export const addWeightRoutes = (app: App, { weights }: { weights: WeightsService }): void => {
  app.get(
    '/jobs/:id/weights',
    {
      schema: {
        operationId: 'getWeights',
        tags: ['results'],
        summary: 'Get the learned weights',
        description,
        params,
        querystring: weightsQuery,
        response: answers(
          {
            200: {
              description: 'The weights.',
              headers: { ...dispositionHeader, ...tagHeader },
              content: {
                [jsonType]: { schema: ref(WeightsSchema) },
                [safetensorsType]: file('safetensors: float32 tensors, little-endian; counts are int64.'),
                [npzType]: file("NumPy's npz: an array per tensor."),
                [onnxType]: file('An ONNX model, its preprocessing included.'),
                [layersModelType]: { schema: ref(LayersModelSchema) },
              },
            },
            304: noContent('The client has these weights: their `ETag` was sent as `If-None-Match`.'),
          },
          ['NOT_FOUND', 'NOT_ACCEPTABLE', 'FORMAT_UNSUPPORTED'],
        ),
      },
    },
    async (request, reply) => {
      const { epoch, layout, format: named } = request.query
      reply.header('vary', 'Accept')
      const mediaType = named ? weightFormats[named].mediaTypes[0] : preferredType(request, [...mediaTypes.keys()], shownTypes)
      const format = mediaTypes.get(mediaType) ?? 'json'
      if (layout === 'torch' && !weightFormats[format].takesLayout)
        throw new Problem('VALIDATION_FAILED', undefined, [
          { path: '/layout', code: 'conflict', message: `the format ${format} has a layout of its own`, value: layout },
        ])
      const written = await weights.write(request.tenant, request.params.id, { epoch, format, layout })
      // Weak: another version of the service may write the same weights in another way.
      const tag = entityTag(JSON.stringify([request.params.id, written.epoch, format, layout]))
      reply.headers({ etag: `W/"${tag}"`, 'cache-control': 'private, no-cache' })
      if (isKnown(request, `"${tag}"`)) return reply.code(304).send()
      const name = `${request.params.id}-epoch-${written.epoch}${layout === 'torch' ? '-torch' : ''}`
      const { isText, extension } = weightFormats[format]
      reply.header('content-disposition', `${isText ? 'inline' : 'attachment'}; filename="${name}.${extension}"`)
      return sendFile(reply.type(isText ? `${mediaType}; charset=utf-8` : mediaType), written)
    },
  )

  app.get(
    '/jobs/:id/weights/:epoch(^\\d+).bin',
    {
      schema: {
        operationId: 'getLayersModelValues',
        tags: ['results'],
        summary: 'Get the values of a LayersModel',
        description:
          'What the `weightsManifest` of a LayersModel refers to; `tf.loadLayersModel` fetches it by itself. The query is ignored.',
        params: fileParams,
        querystring: anyQuery,
        response: answers(
          { 200: { description: 'The values.', content: { 'application/octet-stream': file('float32, little-endian.') } } },
          ['NOT_FOUND', 'FORMAT_UNSUPPORTED'],
        ),
      },
    },
    async ({ tenant, params: { id, epoch } }, reply) =>
      sendFile(reply.type('application/octet-stream'), await weights.writeModelValues(tenant, id, epoch)),
  )
}

/** The names of the formats, not all that is understood as them. */
const shownTypes = [jsonType, safetensorsType, npzType, onnxType, layersModelType]

const sendFile = (reply: FastifyReply, { length, chunks }: WeightsFile): FastifyReply => {
  if (length !== undefined) reply.header('content-length', length)
  return reply.send(Readable.from(chunks))
}
