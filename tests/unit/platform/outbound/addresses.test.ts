/** Addresses that a request of the service may go to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAllowedAddress } from '../../../../src/platform/outbound/addresses.ts'
import { requireAllowedUrl } from '../../../../src/platform/outbound/allowed-url.ts'

const open = ['8.8.8.8', '1.0.0.1', '172.15.0.1', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8']
const privateOnes = [
  ...['127.0.0.1', '127.255.0.9', '10.0.0.1', '172.16.0.1', '172.31.9.9', '192.168.1.1', '100.64.0.1'],
  ...['::1', 'fc00::1', 'fd12:3456::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::127.0.0.1', '64:ff9b::a00:1'],
]
const closed = [
  ...['0.0.0.0', '0.1.2.3', '169.254.169.254', '224.0.0.1', '255.255.255.255', '240.0.0.1', '192.0.2.1', '198.18.0.1', '192.88.99.1'],
  ...['::', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '2001:db8::1', '100::1', '2002:7f00:1::', '2001::1', '::7f00:1', '::808:808'],
  ...['::ffff:169.254.169.254', '::ffff:0:127.0.0.1', '64:ff9b::169.254.169.254', '64:ff9b:1::8.8.8.8', '64:ff9b::0.0.0.0', '4000::1'],
  ...['localhost', '', '127.0.0.1.nip.io'],
]

test('a request goes to public addresses, to private ones only where that is allowed, and never to any other', () => {
  for (const [addresses, isAllowed, isAllowedPrivate] of [
    [open, true, true],
    [privateOnes, false, true],
    [closed, false, false],
  ] as const)
    for (const address of addresses) {
      assert.equal(isAllowedAddress(address, { allowPrivate: false }), isAllowed, address)
      assert.equal(isAllowedAddress(address, { allowPrivate: true }), isAllowedPrivate, `${address}, private ones allowed`)
    }
})

const rules = { allowHttp: false, allowPrivate: false }
const refusal = (url: string, allowedHosts?: string[], others = {}): string | undefined => {
  try {
    requireAllowedUrl(url, { ...rules, ...others }, allowedHosts)
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

test('an address that is written in another way is the same address', () => {
  for (const host of ['127.0.0.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0x7f.1', '[::1]', '[::ffff:7f00:1]', '127.0.0.1.'])
    assert.equal(refusal(`https://${host}/x.csv`), 'address_not_allowed', host)
  assert.equal(refusal('https://１２７.０.０.１/'), 'address_not_allowed', 'wide digits')
  assert.equal(refusal('https://134744072/'), undefined, '8.8.8.8 as one number')
})

test('a URL is https, of a host that is listed, and without a user', () => {
  const hosts = ['data.example', 'files.example:8443', '[2606:4700::1111]']
  for (const url of ['https://data.example/x', 'https://DATA.example:444/', 'https://files.example:8443/', 'https://[2606:4700::1111]:9/'])
    assert.equal(refusal(url, hosts), undefined, url)
  for (const url of ['https://sub.data.example/', 'https://data.example.evil.example/', 'https://data.example./', 'https://files.example/'])
    assert.equal(refusal(url, hosts), 'host_not_allowed', url)
  assert.equal(refusal('https://data.example/', []), 'host_not_allowed', 'of no hosts')
  for (const url of ['https://user@data.example/', 'https://:word@data.example/', 'data.example/x', '//data.example', ''])
    assert.equal(refusal(url, hosts), 'invalid_url', url)
  for (const url of ['http://data.example/', 'file:///etc/passwd', 'data:text/csv,x', 'ftp://data.example/', 'javascript:1'])
    assert.equal(refusal(url, hosts), 'scheme_not_allowed', url)
  assert.equal(refusal('http://data.example/', hosts, { allowHttp: true }), undefined)
  assert.equal(refusal('file:///etc/passwd', undefined, { allowHttp: true }), 'scheme_not_allowed')
})
