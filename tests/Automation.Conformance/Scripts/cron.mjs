// [{"expression":"0 10 * * ? *","after":"2026-01-05T08:00:00Z"}] -> [["2026-01-05T10:00:00.000Z", …]]: the next four
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const parser = require('aws-cron-parser');
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(({ expression, after }) => {
  const found = [];
  const cron = parser.parse(expression);
  for (let at = parser.next(cron, new Date(after)); at && found.length < 4; at = parser.next(cron, at)) found.push(at.toISOString());
  return found;
})));
