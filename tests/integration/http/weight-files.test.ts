/** Weights as files: safetensors and NumPy's npz, byte by byte. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { unzipSync } from 'fflate'
import { report } from '../../support/batches.ts'
import { alice, floats, mediaTypes, openWeightsApi, storedWeights, type WeightsApi } from '../../support/stored-weights.ts'
import { notebook } from '../../support/worker.ts'

const { safetensors, npz } = mediaTypes

let at: WeightsApi
before(async () => {
  at = await openWeightsApi()
})
after(() => at.api.close())

const asFloats = (values: readonly number[]): number[] => values.map(Math.fround)

/** A safetensors file by tensor; its values have to lie one after the other, each on a multiple of its size. */
const readSafetensors = (bytes: Buffer) => {
  const length = Number(bytes.readBigUInt64LE(0))
  assert.equal(length % 8, 0)
  const { __metadata__: metadata, ...entries } = JSON.parse(bytes.subarray(8, 8 + length).toString())
  const data = bytes.subarray(8 + length)
  let end = 0
  const tensors = Object.entries(entries as Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => {
      assert.equal(from, end)
      assert.equal(from % (dtype === 'I64' ? 8 : 4), 0)
      end = to
      return { name, dtype, shape, bytes: data.subarray(from, to) }
    },
  )
  assert.equal(end, data.length)
  return { metadata, tensors }
}

describe('safetensors', () => {
  it('safetensors hold every tensor, with its length told beforehand', async () => {
    const { headers, bytes } = await at.download(safetensors)
    assert.equal(Number(headers['content-length']), bytes.length)
    const { metadata, tensors } = readSafetensors(bytes)
    assert.equal(metadata.epoch, '2')
    assert.deepEqual(
      tensors.map(({ name, dtype, shape, bytes: values }) => ({ name, dtype, shape, values: floats(values) })),
      storedWeights.map(({ values, ...rest }) => ({ ...rest, dtype: 'F32', values: asFloats(values) })),
    )
  })

  it("safetensors hold PyTorch's state_dict and say so where asked", async () => {
    const { headers, bytes } = await at.download(safetensors, '?layout=torch')
    assert.match(String(headers['content-disposition']), /-torch[.]safetensors"$/)
    const { metadata, tensors } = readSafetensors(bytes)
    assert.deepEqual([metadata.format, metadata.modules], ['pt', 'BatchNorm1d(2)\nLinear(2, 1)'])
    const [count, ...others] = tensors
    assert.deepEqual([count?.name, count?.dtype, count?.shape, count?.bytes.readBigInt64LE()], ['0.num_batches_tracked', 'I64', [], 20n])
    assert.deepEqual(
      others.map(({ name, shape }) => [name, shape]),
      [
        ['0.weight', [2]],
        ['0.bias', [2]],
        ['0.running_mean', [2]],
        ['0.running_var', [2]],
        ['1.weight', [1, 2]],
        ['1.bias', [1]],
      ],
    )
  })
})

/** An array of a .npy file: the literal of its header, and its bytes. */
const readNpy = (file: Uint8Array): { header: string; bytes: Uint8Array } => {
  assert.equal(Buffer.from(file.subarray(0, 8)).toString('latin1'), '\x93NUMPY\x01\x00')
  const start = 10 + Buffer.from(file).readUInt16LE(8)
  assert.equal(start % 64, 0)
  return { header: Buffer.from(file.subarray(10, start)).toString().trimEnd(), bytes: file.subarray(start) }
}

describe('npz', () => {
  it('npz holds an array for every tensor, the same bytes every time', async () => {
    const { bytes } = await at.download(npz)
    const files = unzipSync(bytes)
    assert.deepEqual(
      Object.keys(files),
      storedWeights.map(({ name }) => `${name}.npy`),
    )
    for (const { name, shape, values } of storedWeights) {
      const { header, bytes: found } = readNpy(files[`${name}.npy`] ?? new Uint8Array())
      assert.equal(
        header,
        `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.length === 1 ? `${shape[0]},` : shape.join(', ')}), }`,
      )
      assert.deepEqual(floats(found), asFloats(values))
    }
    assert.deepEqual((await at.download(npz)).bytes, bytes)
  })

  it("npz holds PyTorch's tensors where asked", async () => {
    const files = unzipSync((await at.download(npz, '?layout=torch')).bytes)
    assert.match(readNpy(files['0.num_batches_tracked.npy'] ?? new Uint8Array()).header, /'<i8'.*'shape': \(\)/)
    assert.match(readNpy(files['1.weight.npy'] ?? new Uint8Array()).header, /'shape': \(1, 2\)/)
  })
})

describe('a large tensor', () => {
  it('arrives whole in every format', async () => {
    const { api } = at
    const { body } = await api.post('/v1/jobs', notebook({ training: { epochs: 1 } }), alice)
    const values = Float32Array.from({ length: 2 ** 20 + 12_345 }, (_, place) => Math.sin(place))
    const { commit } = await api.claim()
    const weights = [{ name: 'layers.0.weight', shape: [values.length], values, norm: 1 }]
    await commit({ epochs: [{ ...report(1, 0.5), weights }], fraction: 1 })
    const url = (format: string) => ({ url: `/v1/jobs/${body.id}/weights?format=${format}`, headers: alice })
    const expected = Buffer.from(values.buffer)
    const [tensor] = readSafetensors((await api.app.inject(url('safetensors'))).rawPayload).tensors
    assert.ok(tensor && expected.equals(tensor.bytes))
    const files = unzipSync((await api.app.inject(url('npz'))).rawPayload)
    assert.ok(expected.equals(readNpy(files['layers.0.weight.npy'] ?? new Uint8Array()).bytes))
    const json = JSON.parse((await api.app.inject(url('json'))).body)
    assert.ok(expected.equals(Buffer.from(Float32Array.from(json.parameters[0].values).buffer)))
  })
})
