// Makes a bundle of Sigstore with Sigstore's own client, signed with a new key: {"digest":"sha256:…"} gives {"bundle":{…},"public":"…"}.
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const { DSSEBundleBuilder } = require('@sigstore/sign');
const { bundleToJSON } = require('@sigstore/bundle');
const { digest } = JSON.parse(readFileSync(0, 'utf8'));
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' });
const signer = {
  sign: async (data) => ({ key: { $case: 'publicKey', publicKey, hint: 'test' }, signature: sign('sha256', data, pair.privateKey) }),
};
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: '', digest: { sha256: digest.slice('sha256:'.length) } }],
  predicateType: 'https://sigstore.dev/cosign/sign/v1',
  predicate: {},
};
const bundle = await new DSSEBundleBuilder({ signer, witnesses: [] })
  .create({ type: 'application/vnd.in-toto+json', data: Buffer.from(JSON.stringify(statement)) });
console.log(JSON.stringify({ bundle: bundleToJSON(bundle), public: publicKey }));
