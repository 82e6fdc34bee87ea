/** All mutators with their shares. */
import fc from 'fast-check'
import type { FuzzCase } from '../case.ts'
import { patched, patches } from './bytes.ts'
import { deliveries, extraHeaders } from './delivery.ts'
import { type Operation, operationCases } from './operations.ts'
import { type Format, formats } from './uploads.ts'

const uploadQueries = [
  '',
  '',
  '',
  '?labels=y',
  '?features=a&labels=b',
  '?features=a,a',
  '?inputShape=0',
  '?inputShape=2,2,1',
  '?delimiter=;',
  '?delimiter=%00',
  '?x=1',
]

/** A file as it is, or with other bytes here and there. */
const uploadOf = ({ name, contentType, files }: Format): fc.Arbitrary<FuzzCase> =>
  fc
    .record({
      file: fc.oneof(
        { weight: 1, arbitrary: files },
        { weight: 1, arbitrary: fc.tuple(files, patches).map(([bytes, list]) => patched(bytes, list)) },
      ),
      type: fc.oneof(
        { weight: 15, arbitrary: fc.constant(contentType) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(
            'text/csv; charset=utf-16',
            'multipart/form-data',
            'multipart/form-data; boundary=',
            'text/csv;;',
            'x',
            contentType.toUpperCase(),
          ),
        },
      ),
      query: fc.constantFrom(...uploadQueries),
      headers: extraHeaders,
      delivery: deliveries,
    })
    .map(({ file, type, query, headers, delivery }) => ({
      mutator: `upload of ${name}`,
      method: 'POST',
      target: `/v1/datasets${query}`,
      headers: [['content-type', type] as const, ...headers],
      body: file,
      delivery,
    }))

/** What is hardly HTTP. */
const wire: fc.Arbitrary<FuzzCase> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'QUERY', 'get', 'X', '\0', 'GET GET'),
    target: fc.constantFrom(
      '/',
      '/v1/jobs',
      '*',
      'http://a/v1/jobs',
      '//v1//jobs',
      '/v1/jobs/%',
      `/${'x'.repeat(9000)}`,
      '/v1/\xff',
      '',
      '/\0',
      '/v1/jobs HTTP/1.0\r\n',
    ),
    headers: fc.subarray(
      [
        ['content-length', '-1'],
        ['content-length', '1e3'],
        ['content-length', '18446744073709551616'],
        ['content-length', '5'],
        ['transfer-encoding', 'chunked'],
        ['transfer-encoding', 'gzip, chunked'],
        ['transfer-encoding', 'identity'],
        ['no colon\r\nx', 'y'],
        [' folded', 'y\r\n z'],
        ['x', '\0'],
        ['host', 'other'],
        ['content-type', 'application/json'],
      ] as (readonly [string, string])[],
      { maxLength: 4 },
    ),
    body: fc.constantFrom(
      null,
      Buffer.from('{}'),
      Buffer.from('ffffffff\r\n'),
      Buffer.from('-1\r\n\r\n'),
      Buffer.from('0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n'),
    ),
    delivery: deliveries,
  })
  .map((one) => ({ ...one, mutator: 'wire' }))

/** Any case: half of them uploads. */
export const allCases = (operations: readonly Operation[]): fc.Arbitrary<FuzzCase> =>
  fc.oneof(
    ...formats.map((format) => ({ weight: format.weight ?? 4, arbitrary: uploadOf(format) })),
    { weight: 12, arbitrary: operationCases(operations) },
    { weight: 1, arbitrary: wire },
  )
