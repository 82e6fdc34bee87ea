/** The representations of weights, by media type and by name. */

type FormatEntry = {
  /** The first is the one to ask for; the others are in use, and are understood. */
  mediaTypes: readonly [string, ...string[]]
  /** Of a file in this format, as programs expect it. */
  extension: string
  /** Whether a browser may show it: it is text. */
  isText: boolean
  /** Whether it can be written in PyTorch's names and layouts too; else it has its own. */
  takesLayout: boolean
}

/** `safetensors` and `npz` have no registered media type. */
export const weightFormats = {
  json: { mediaTypes: ['application/json'], extension: 'json', isText: true, takesLayout: true },
  safetensors: {
    mediaTypes: ['application/vnd.safetensors', 'application/x-safetensors', 'application/safetensors', 'application/octet-stream'],
    extension: 'safetensors',
    isText: false,
    takesLayout: true,
  },
  npz: {
    mediaTypes: ['application/x-npz', 'application/npz', 'application/zip'],
    extension: 'npz',
    isText: false,
    takesLayout: true,
  },
  onnx: { mediaTypes: ['application/onnx', 'application/x-onnx'], extension: 'onnx', isText: false, takesLayout: false },
  layersModel: {
    mediaTypes: ['application/vnd.tensorflowjs.layers-model+json', 'application/x-tfjs-layers-model+json'],
    extension: 'json',
    isText: true,
    takesLayout: false,
  },
} as const satisfies Record<string, FormatEntry>

export type WeightFormat = keyof typeof weightFormats

export const formatNames = Object.keys(weightFormats) as WeightFormat[]

/** Media types in the order in which the service prefers them, each with its format. */
export const mediaTypes = new Map<string, WeightFormat>(
  formatNames.flatMap((format) => weightFormats[format].mediaTypes.map((type): [string, WeightFormat] => [type, format])),
)
