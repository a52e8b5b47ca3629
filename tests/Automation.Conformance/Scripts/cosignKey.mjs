// Makes a key pair as `cosign generate-key-pair` does: {"passphrase":"…"} gives {"private":"-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----…","public":"…"}.
// The private key is in a secret box of NaCl under a key from scrypt: https://github.com/sigstore/sigstore/blob/main/pkg/cryptoutils/privatekey.go
import { generateKeyPairSync, randomBytes, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const nacl = require('tweetnacl');
const { passphrase } = JSON.parse(readFileSync(0, 'utf8'));
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [salt, nonce] = [randomBytes(32), randomBytes(24)];
const key = scryptSync(passphrase, salt, 32, { N: 32768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });
const box = nacl.secretbox(pair.privateKey.export({ type: 'pkcs8', format: 'der' }), nonce, key);
const content = JSON.stringify({
  kdf: { name: 'scrypt', params: { N: 32768, r: 8, p: 1 }, salt: salt.toString('base64') },
  cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
  ciphertext: Buffer.from(box).toString('base64'),
});
const lines = Buffer.from(content).toString('base64').match(/.{1,64}/g).join('\n');
console.log(JSON.stringify({
  private: `-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\n${lines}\n-----END ENCRYPTED COSIGN PRIVATE KEY-----\n`,
  public: pair.publicKey.export({ type: 'spki', format: 'pem' }),
}));
