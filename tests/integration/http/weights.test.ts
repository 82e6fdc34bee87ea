/** The learned weights in the representation that the client asks for, by Accept or by name. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, pathsOf } from '../../support/api.ts'
import { alice, floats, mediaTypes, openWeightsApi, type WeightsApi } from '../../support/stored-weights.ts'

const { safetensors, npz, onnx, layersModel } = mediaTypes

let at: WeightsApi
before(async () => {
  at = await openWeightsApi()
})
after(() => at.api.close())

const typeOf = async (accept: string | undefined, query = ''): Promise<string> => {
  const { status, headers, body } = await at.get(accept, query)
  assert.equal(status, 200, JSON.stringify(body))
  return (headers['content-type'] ?? '').replace('; charset=utf-8', '')
}

describe('the representation', () => {
  it('the representation is JSON unless another is asked for, as by a browser', async () => {
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
    for (const accept of [undefined, '', '*/*', 'application/*', 'application/json; charset=UTF-8', browser])
      assert.equal(await typeOf(accept), 'application/json', accept)
  })

  it('the representation is what the client likes best of what there is', async () => {
    assert.equal(await typeOf(safetensors), safetensors)
    assert.equal(await typeOf(npz), npz)
    assert.equal(await typeOf(onnx), onnx)
    assert.equal(await typeOf(layersModel), layersModel)
    assert.equal(await typeOf(`application/json;q=0.5, ${npz};q=0.9, text/html`), npz)
    assert.equal(await typeOf(`${safetensors};q=0.1, */*;q=0.2`), 'application/json')
    assert.equal(await typeOf(`application/json;q=0, ${safetensors};q=0.1`), safetensors)
    assert.equal(await typeOf('application/octet-stream'), 'application/octet-stream')
    assert.equal(await typeOf('application/zip'), 'application/zip')
  })

  it('the representation can be named in the address, whatever Accept says', async () => {
    assert.equal(await typeOf('text/html', '?format=npz'), npz)
    assert.equal(await typeOf(safetensors, '?format=json'), 'application/json')
    assert.equal(await typeOf(undefined, '?format=safetensors'), safetensors)
    assert.deepEqual(pathsOf(assertProblem(await at.get(undefined, '?format=keras&layout=keras'), 422, 'VALIDATION_FAILED')), [
      '/format',
      '/layout',
    ])
  })

  it('the representation that does not exist is a problem that lists those that do', async () => {
    for (const nonsense of [';;;', 'json', 'application/vnd.unknown+json']) assertProblem(await at.get(nonsense), 406, 'NOT_ACCEPTABLE')
    const [error] = assertProblem(await at.get('text/html, application/json;q=0'), 406, 'NOT_ACCEPTABLE')
    assert.equal(error?.path, '/accept')
    for (const type of ['application/json', safetensors, npz, onnx, layersModel]) assert.ok(error?.message.includes(type), type)
  })

  it('the representation is offered under a name that tells job, epoch and format, and varies with Accept', async () => {
    for (const [accept, name] of [
      [safetensors, 'attachment; filename="JOB-epoch-2.safetensors"'],
      [npz, 'attachment; filename="JOB-epoch-2.npz"'],
      ['application/json', 'inline; filename="JOB-epoch-2.json"'],
    ] as const) {
      const { headers } = await at.get(accept)
      assert.equal(headers['content-disposition']?.replace(/job_\w+/, 'JOB'), name)
      assert.match(headers.vary ?? '', /Accept/)
    }
  })

  it('the representation that a client has already is an empty 304, for each format and layout of its own', async () => {
    const { headers } = await at.get(safetensors)
    const known = { ...alice, 'if-none-match': headers.etag ?? '' }
    assert.match(headers.etag ?? '', /^W\/"/)
    assert.equal((await at.api.get(at.path, { ...known, accept: safetensors })).status, 304)
    for (const [accept, query] of [
      [npz, ''],
      [safetensors, '?layout=torch'],
    ])
      assert.equal((await at.api.get(`${at.path}${query}`, { ...known, accept: String(accept) })).status, 200)
  })

  it('the representation is there for the epochs of which weights are kept, and for their owner', async () => {
    for (const accept of ['application/json', safetensors, npz, onnx, layersModel]) {
      assert.equal((await at.get(accept, '?epoch=2')).status, 200)
      assert.deepEqual(pathsOf(assertProblem(await at.get(accept, '?epoch=1'), 404, 'NOT_FOUND')), ['/epoch'])
      assertProblem(await at.api.get(at.path, { accept, authorization: 'Bearer b' }), 404, 'NOT_FOUND')
    }
    assert.equal((await at.api.get(`${at.path}/2.bin`, alice)).status, 200)
    assertProblem(await at.api.get(`${at.path}/1.bin`, alice), 404, 'NOT_FOUND')
    assertProblem(await at.api.get(`${at.path}/2.bin`, { authorization: 'Bearer b' }), 404, 'NOT_FOUND')
  })
})

describe('JSON', () => {
  it("JSON has PyTorch's names and layouts where asked, and the modules that they belong to", async () => {
    const { body } = await at.get('application/json', '?layout=torch')
    assert.deepEqual(body.modules, ['BatchNorm1d(2)', 'Linear(2, 1)'])
    assert.deepEqual(
      body.parameters.map(({ name, shape, values }: { name: string; shape: number[]; values: unknown[] }) => [name, shape, values]),
      [
        ['0.weight', [2], [1, 2]],
        ['0.bias', [2], [3, 4]],
        ['0.running_mean', [2], [7, 8]],
        ['0.running_var', [2], [9, 10]],
        ['0.num_batches_tracked', [], [20]],
        ['1.weight', [1, 2], [Math.fround(0.1), 'Infinity']],
        ['1.bias', [1], ['NaN']],
      ],
    )
    assert.equal((await at.get('application/json')).body.modules, undefined)
  })
})

describe('a LayersModel', () => {
  it('refers to a file beside it that holds the values in order', async () => {
    const { body } = await at.get(layersModel)
    assert.equal(body.weightsManifest.length, 1)
    const { paths, weights }: { paths: string[]; weights: { name: string; shape: number[] }[] } = body.weightsManifest[0]
    assert.deepEqual(paths, ['weights/2.bin'])
    const { rawPayload } = await at.api.app.inject({ url: new URL(String(paths[0]), `http://host${at.path}`).pathname, headers: alice })
    const sizes = weights.map(({ shape }: { shape: number[] }) => shape.reduce((product, size) => product * size, 1))
    assert.equal(rawPayload.length, 4 * sizes.reduce((sum: number, size: number) => sum + size, 0))
    assert.deepEqual(
      weights.map(({ name }: { name: string }) => name),
      ['layers.0/gamma', 'layers.0/beta', 'layers.0/moving_mean', 'layers.0/moving_variance', 'layers.1/kernel', 'layers.1/bias'],
    )
    assert.deepEqual(floats(rawPayload).slice(0, 8), [1, 2, 3, 4, 7, 8, 9, 10])
  })

  it("a LayersModel and an ONNX model have layouts of their own: PyTorch's is refused", async () => {
    for (const accept of [layersModel, onnx])
      assert.deepEqual(pathsOf(assertProblem(await at.get(accept, '?layout=torch'), 422, 'VALIDATION_FAILED')), ['/layout'])
  })
})
