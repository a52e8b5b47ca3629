#!/usr/bin/env bash
# What the coming month would bring with the catalog of this clone, beside the deployed one. The exit code is 1 if something forbidden would happen.
# It changes nothing. It needs credentials that may read the account.
set -euo pipefail
cd "$(dirname "$0")/.."
automation() { ${AUTOMATION:-dotnet run --project src/Automation.Cli --} "$@"; }

automation rehearse --catalog infra/catalog.json --days "${DAYS:-30}" --forbid delete --max-builds 200
