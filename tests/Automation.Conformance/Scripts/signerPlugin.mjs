// Does what the plugin of AWS Signer does for Notation, with the same calls: it signs with a profile, compares the profile with the trusted identities, and
// asks AWS Signer whether the signature was revoked. https://github.com/aws/aws-signer-notation-plugin,
// https://github.com/notaryproject/specifications/blob/main/specs/plugin-extensibility.md
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const name = 'com.amazonaws.signer.notation.plugin';
const profileVersion = 'com.amazonaws.signer.signingProfileVersion';
const signingJob = 'com.amazonaws.signer.signingJob';
const region = process.env.AWS_REGION;

async function call(method, path, body) {
  const response = await fetch(`${process.env.AWS_ENDPOINT_URL}${path}`, {
    method,
    body: body && JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      authorization: `AWS4-HMAC-SHA256 Credential=${process.env.AWS_ACCESS_KEY_ID}/20260101/${region}/signer/aws4_request, SignedHeaders=host, Signature=0`,
    },
  });
  const answer = await response.json();
  if (!response.ok) {
    console.error(JSON.stringify({ errorCode: 'ERROR', errorMessage: answer.message }));
    process.exit(1);
  }
  return answer;
}

// The length of what follows a DER tag, and where that begins.
function content(der, at) {
  const bytes = der[at + 1] & 0x80 ? der[at + 1] & 0x7f : 0;
  return { begin: at + 2 + bytes, length: bytes ? der.readUIntBE(at + 2, bytes) : der[at + 1] };
}

function signedPartHash(certificate) {
  const { begin } = content(certificate, 0);
  const part = content(certificate, begin);
  return createHash('sha384').update(certificate.subarray(begin, part.begin + part.length)).digest('hex');
}

async function verify({ signature, trustPolicy }) {
  const { extendedAttributes, authenticSigningTime } = signature.criticalAttributes;
  const version = extendedAttributes[profileVersion];
  const results = {};
  if (trustPolicy.signatureVerification.includes('SIGNATURE_VERIFIER.TRUSTED_IDENTITY')) {
    const success = trustPolicy.trustedIdentities.some(identity => identity === version || identity === version.slice(0, version.lastIndexOf('/')));
    results['SIGNATURE_VERIFIER.TRUSTED_IDENTITY'] = { success, reason: success ? 'matches' : "Signature publisher doesn't match any trusted identities." };
  }
  if (trustPolicy.signatureVerification.includes('SIGNATURE_VERIFIER.REVOCATION_CHECK')) {
    const hashes = signature.certificateChain.map(each => signedPartHash(new X509Certificate(Buffer.from(each, 'base64')).raw));
    const query = new URLSearchParams(hashes.map((hash, at) => ['certificateHashes', hash + (hashes[at + 1] ?? hash)]));
    query.append('jobArn', extendedAttributes[signingJob]);
    query.append('platformId', 'Notation-OCI-SHA384-ECDSA');
    query.append('profileVersionArn', version);
    query.append('signatureTimestamp', authenticSigningTime);
    const { revokedEntities } = await call('GET', `/revocations?${query}`);
    results['SIGNATURE_VERIFIER.REVOCATION_CHECK'] = {
      success: revokedEntities.length === 0,
      reason: revokedEntities.length === 0 ? 'Signature is not revoked.' : `Resource(s) ${revokedEntities.join(', ')} have been revoked.`,
    };
  }
  return { verificationResults: results, processedAttributes: [profileVersion, signingJob] };
}

async function sign({ keyId, payload, payloadType, signatureEnvelopeType }) {
  const answer = await call('POST', '/signing-jobs/with-payload', { payload, payloadFormat: payloadType, profileName: keyId.split('/').at(-1) });
  return { signatureEnvelope: answer.signature, signatureEnvelopeType, annotations: answer.metadata };
}

const request = JSON.parse(readFileSync(0, 'utf8'));
const answer = await {
  'get-plugin-metadata': () => ({
    name,
    description: 'stands for the plugin of AWS Signer',
    version: '1.0.0',
    url: 'https://docs.aws.amazon.com/signer/',
    supportedContractVersions: ['1.0'],
    capabilities: ['SIGNATURE_GENERATOR.ENVELOPE', 'SIGNATURE_VERIFIER.TRUSTED_IDENTITY', 'SIGNATURE_VERIFIER.REVOCATION_CHECK'],
  }),
  'generate-envelope': () => sign(request),
  'verify-signature': () => verify(request),
}[process.argv[2]]();
console.log(JSON.stringify(answer));
