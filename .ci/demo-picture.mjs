// Draws the picture in README.md from the output of `automation demo`: its first chapter and the table at the end.
//   dotnet run --project src/Automation.Local -- demo | node .ci/demo-picture.mjs > .ci/demo.svg
//   dotnet run --project src/Automation.Local -- demo | node .ci/demo-picture.mjs --check .ci/demo.svg     (exit code 1: the table differs)
// Time in the demo is virtual and digests depend on content alone, so the table is always the same. Events of one minute may change places.
import { readFileSync } from 'node:fs';

const columns = 132;
const lineHeight = 17;
const characterWidth = 7.22;
const output = readFileSync(0, 'utf8').split('\n');

// Piped output has lines of 200 characters; what is longer continues on the next line.
const lines = [];
for (const line of output.slice(output.findIndex(line => line.startsWith('── ')))) {
  const starts = /^(── |(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d |[╭│├╰]|[\d.]+ s, )/.test(line) || /^([A-Z][^:]*\.$|Next: )/.test(line);
  if (starts || lines.length === 0) lines.push(line.trimEnd());
  else if (line.trim()) lines[lines.length - 1] += ` ${line.trim()}`;
}

const chapters = lines.flatMap((line, index) => line.startsWith('── ') ? [index] : []);
if (chapters.length < 2) throw new Error('This is not the output of `automation demo`.');
const shown = [...lines.slice(chapters[0], chapters[1]), '', ...lines.slice(chapters.at(-1)).filter(line => !/^[\d.]+ s, /.test(line))];

const escape = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const cut = text => text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
const span = (kind, text) => `<tspan class="${kind}">${escape(text)}</tspan>`;

function draw(line) {
  const heading = /^── (.*?) ─+$/.exec(line);
  if (heading) return span('heading', heading[1]);
  const event = /^(\w{3} \d\d \w{3} \d\d:\d\d )(Image Builder +|\S+ +)(.*)$/.exec(cut(line));
  if (event) return span('time', event[1]) + span('actor', event[2]) + span('text', event[3]);
  return span(/^[A-Z][^│]*\.$/.test(line) ? 'good' : 'text', cut(line));
}

const width = Math.ceil(columns * characterWidth) + 32;
const height = shown.length * lineHeight + 32;
const text = shown.map((line, index) => `  <text xml:space="preserve" x="16" y="${28 + index * lineHeight}">${draw(line)}</text>`).join('\n');
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Output of automation demo">
  <style>
    text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
    .heading { fill: #ffd479; font-weight: bold } .time { fill: #8b949e } .actor { fill: #79c0ff } .text { fill: #d0d7de } .good { fill: #7ee787; font-weight: bold }
  </style>
  <rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${text}
</svg>
`;

if (process.argv[2] === '--check') {
  const rows = text => [...text.matchAll(/│.*│/g)].map(row => row[0]).join('\n');
  if (rows(readFileSync(process.argv[3], 'utf8')) !== rows(svg)) {
    console.error(`${process.argv[3]} does not show what the demo ends with. Draw it again: the first lines of .ci/demo-picture.mjs say how.`);
    process.exit(1);
  }
} else {
  process.stdout.write(svg);
}
