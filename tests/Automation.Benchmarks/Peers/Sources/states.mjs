// Executions per definition in process with aws-local-stepfunctions: states.mjs DEFINITION INPUT RUNS, milliseconds for each run.
import fs from "node:fs";
import { StateMachine } from "aws-local-stepfunctions";

const [, , definition, input, runs] = process.argv;
const machine = new StateMachine(JSON.parse(fs.readFileSync(definition)));
const times = [];
for (let run = 0; run < 3 * runs; run++) {
  const started = performance.now();
  await machine.run(JSON.parse(input)).result;
  times.push(performance.now() - started);
}
console.log(JSON.stringify({ times: times.slice(-runs) }));
