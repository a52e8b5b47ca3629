#!/usr/bin/env bash
# What a pull request that changes the catalog should show: its faults, what a deployment would change, and what the automation would do with it now.
# It changes nothing. It needs credentials that may read the account; .ci/run runs it against the embedded cloud.
set -euo pipefail
cd "$(dirname "$0")/.."
automation() { ${AUTOMATION:-dotnet run --project src/Automation.Cli --} "$@"; }

echo "== Faults of the catalog"
automation validate

echo "== What a deployment would change"
npx --yes "aws-cdk@$(dotnet msbuild Directory.Packages.props -getProperty:AwsCdkCliVersion)" diff

echo "== What would be built, released and pruned with this catalog"
automation plan --only changes

echo "== What the coming days would bring with it, beside the deployed catalog"
DAYS=7 bash examples/rehearse.sh
