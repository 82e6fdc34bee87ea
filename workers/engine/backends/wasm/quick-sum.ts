/**
 * A sum of numbers in WebAssembly's memory, as fast as that is read: one NaN makes it NaN, one infinity no finite number.
 * Who must be careful with these learns from it whether there can be any; numbers whose sum goes beyond float32 look as if
 * there were, too. A loop of JavaScript takes ten times as long, as long as the work that it would save.
 */

/** Node's types leave it out. */
declare const WebAssembly: {
  Memory: new (size: { initial: number }) => { readonly buffer: ArrayBufferLike }
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: Record<string, Record<string, object>>) => { exports: Record<string, unknown> }
}

/** Bytes of a turn: eight vectors of four numbers, in two running sums that a processor adds side by side. */
const turnBytes = 128

const [i32, f32, v128] = [0x7f, 0x7d, 0x7b]
const [from, end, first, second] = [0, 1, 2, 3]
const add = [0xfd, 0xe4, 0x01]
const addLanes = 0x92

const code = [
  ...[1, 2, v128], // two more locals
  ...[0x02, 0x40, 0x03, 0x40], // block, loop
  ...[...get(from), ...get(end), 0x4f, 0x0d, 1], // out of the block if from >= end
  ...[...addFour(first, 0), ...addFour(second, turnBytes / 2)],
  ...[...get(from), 0x41, 0x80, 0x01, 0x6a, ...set(from)], // from += 128
  ...[0x0c, 0, 0x0b, 0x0b], // the loop again
  ...[...get(first), ...get(second), ...add, ...set(first)],
  ...[...lane(0), ...lane(1), addLanes, ...lane(2), ...lane(3), addLanes, addLanes],
  0x0b,
]

const moduleBytes = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 0x60, ...sized([i32, i32]), ...sized([f32])),
  ...section(2, ...word('tensors'), ...word('memory'), 2, 0, 1),
  ...section(3, 0),
  ...section(7, ...word('sum'), 0, 0),
  ...section(10, ...sized(code)),
])

/** Sum of float32 numbers, in float32 for the most part; of no use but to see whether it is finite. */
export type QuickSum = (values: Float32Array) => number

/** What the backend keeps of its module: its exports, the memory under a name that differs from build to build. */
export type WasmModule = { asm?: Record<string, unknown>; HEAPU8: Uint8Array }

const created = new WeakMap<WasmModule, QuickSum>()

/** The sum over a module's memory; in JavaScript if its memory isn't found. */
export const quickSumOf = (module: WasmModule): QuickSum => {
  const known = created.get(module) ?? create(module)
  created.set(module, known)
  return known
}

/** A whole number as WebAssembly writes it: seven bits a byte. */
function whole(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...whole(value >>> 7)]
}

function sized(bytes: number[]): number[] {
  return [...whole(bytes.length), ...bytes]
}

function section(id: number, ...bytes: number[]): number[] {
  return [id, ...sized([1, ...bytes])]
}

function word(text: string): number[] {
  return sized([...new TextEncoder().encode(text)])
}

function get(local: number): number[] {
  return [0x20, local]
}

function set(local: number): number[] {
  return [0x21, local]
}

function load(offset: number): number[] {
  return [...get(from), 0xfd, 0x00, 0, offset]
}

function lane(at: number): number[] {
  return [...get(first), 0xfd, 0x1f, at]
}

/** `into += (a + b) + (c + d)` of the four vectors at an offset. */
function addFour(into: number, offset: number): number[] {
  return [
    ...[...get(into), ...load(offset), ...load(offset + 16), ...add, ...load(offset + 32), ...load(offset + 48), ...add],
    ...[...add, ...add, ...set(into)],
  ]
}

const sumOfAll: QuickSum = (values) => {
  let sum = 0
  for (let at = 0; at < values.length; at += 1) sum += values[at] as number
  return sum
}

const create = ({ asm = {}, HEAPU8 }: WasmModule): QuickSum => {
  const memory = Object.values(asm).find((each) => each instanceof WebAssembly.Memory && each.buffer === HEAPU8.buffer)
  if (!(memory instanceof WebAssembly.Memory)) return sumOfAll
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes), { tensors: { memory } })
  const sum = exports.sum as (from: number, end: number) => number
  return (values) => {
    const turns = values.byteLength - (values.byteLength % turnBytes)
    return sum(values.byteOffset, values.byteOffset + turns) + sumOfAll(values.subarray(turns / values.BYTES_PER_ELEMENT))
  }
}
