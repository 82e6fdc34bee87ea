/** The representations of weights, by media type and by name. */

/**
 * `safetensors` and `npz` have no registered media type; the first of each is the one to ask for, and what else is in use
 * is understood. A file is offered under the ending that programs expect.
 */
export const weightFormats = {
  json: { mediaTypes: ['application/json'], ending: 'json' },
  safetensors: {
    mediaTypes: ['application/vnd.safetensors', 'application/x-safetensors', 'application/safetensors', 'application/octet-stream'],
    ending: 'safetensors',
  },
  npz: { mediaTypes: ['application/x-npz', 'application/npz', 'application/zip'], ending: 'npz' },
  layersModel: {
    mediaTypes: ['application/vnd.tensorflowjs.layers-model+json', 'application/x-tfjs-layers-model+json'],
    ending: 'json',
  },
} as const

export type WeightFormat = keyof typeof weightFormats

export const formatNames = Object.keys(weightFormats) as WeightFormat[]

/** Media types in the order in which the service prefers them, each with its format. */
export const mediaTypes = new Map<string, WeightFormat>(
  formatNames.flatMap((format) => weightFormats[format].mediaTypes.map((type): [string, WeightFormat] => [type, format])),
)
