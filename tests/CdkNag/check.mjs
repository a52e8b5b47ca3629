// Runs cdk-nag's AwsSolutions pack on synthesised templates, with the accepted findings that infra/AcceptedFindings.cs writes into them:
//   node check.mjs TEMPLATE.json …
// Exit code 1: a finding has no written reason.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { App, Aspects, LegacyStackSynthesizer, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { AwsSolutionsChecks } from 'cdk-nag';

const files = process.argv.slice(2);
const found = files.flatMap(findings);
found.forEach(text => console.error(text));
console.log(found.length === 0
  ? `cdk-nag: ${files.length} templates have no finding without a reason`
  : `cdk-nag: ${found.length} findings: change the stack, or accept the finding with a reason in infra/AcceptedFindings.cs`);
process.exitCode = found.length === 0 && files.length > 0 ? 0 : 1;

function findings(file) {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-nag-'));
  try {
    const app = new App({ outdir: folder, analyticsReporting: false });

    // The template has the parameters and rules of its own synthesizer already.
    const stack = new Stack(app, 'Stack', { synthesizer: new LegacyStackSynthesizer() });
    new CfnInclude(stack, 'Template', { templateFile: file });
    Aspects.of(app).add(new AwsSolutionsChecks({ reports: false }));
    const annotations = Annotations.fromStack(stack);
    return [...annotations.findError('*', Match.anyValue()), ...annotations.findWarning('*', Match.anyValue())]
      .map(entry => `${basename(file)}: ${entry.id.split('/').at(-1)}: ${String(entry.entry.data).split('\n', 1)[0]}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
