// [{"policy":{…},"action":"ecr:PutImage","resource":"arn:…","principal":"arn:…","context":{…}}] -> ["Allowed","ExplicitlyDenied","ImplicitlyDenied"]
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const { runSimulation } = require('@cloud-copilot/iam-simulate');
const verdicts = [];
for (const { policy, action, resource, principal, context } of JSON.parse(readFileSync(0, 'utf8'))) {
  const answer = await runSimulation({
    request: { principal, action, resource: { resource, accountId: '123456789012' }, contextVariables: context },
    identityPolicies: [{ name: 'policy', policy }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {});
  verdicts.push(answer.overallResult ?? `error: ${JSON.stringify(answer.errors)}`);
}
process.stdout.write(JSON.stringify(verdicts));
