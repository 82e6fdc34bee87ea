/**
 * The few encodings of protocol buffers that a TensorFlow graph and an ONNX model need. Their own message definitions would be
 * half a megabyte of generated code for five messages each.
 * @see https://protobuf.dev/programming-guides/encoding/
 */

const encoder = new TextEncoder()

/** Encoded bytes, kept as parts so that nothing large is copied twice. */
export type Encoded = readonly Uint8Array[]

/** A field with a length in front: bytes, text or a message. */
export const bytesField = (field: number, content: string | Uint8Array | Encoded): Encoded => {
  const parts = typeof content === 'string' ? [encoder.encode(content)] : content instanceof Uint8Array ? [content] : content
  return [...fieldOfLength(field, lengthOf(parts)), ...parts]
}

/** The beginning of a field of so many bytes, which are to follow. */
export const fieldOfLength = (field: number, length: number): Encoded => [varint((field << 3) | 2), varint(length)]

/** An integer, an enum's number or a boolean. */
export const integerField = (field: number, value: number | bigint | boolean): Encoded => [
  varint(field << 3),
  varint(typeof value === 'boolean' ? Number(value) : value),
]

/** A 32-bit float. */
export const floatField = (field: number, value: number): Encoded => [
  varint((field << 3) | 5),
  new Uint8Array(new Float32Array([value]).buffer),
]

/** Fields one after the other. */
export const message = (...fields: Encoded[]): Encoded => fields.flat()

/** Bytes of what is encoded. */
export const lengthOf = (parts: Encoded): number => parts.reduce((sum, part) => sum + part.length, 0)

/** The encoded message as one array. */
export const toBytes = (parts: Encoded): Uint8Array => {
  const bytes = new Uint8Array(lengthOf(parts))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

const varint = (value: number | bigint): Uint8Array => {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}
