// Writes the tables by which the embedded cloud checks the inputs of services that have no SDK shim:
//
//     node tests/Automation.Models/fetch.mjs && node tests/Automation.Models/tables.mjs
//
// Output: src/Automation.ApiTables/<signing name>.model, of the operations in the tables already, or of those on the command line:
//
//     node tests/Automation.Models/tables.mjs sqs SendMessage CreateQueue
//
// The models are AWS's own (fetch.mjs says where from). Where a source of constraints is out of date, the table is widened by hand and the
// difference is in reviewed.txt, which TableTests reads.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = join(root, 'src', 'Automation.ApiTables');
const [only, ...wanted] = process.argv.slice(2);
const generated = '# Inputs only, written by tests/Automation.Models/tables.mjs.';

const files = only ? [`${only}.model`] : readdirSync(folder).filter(name => name.endsWith('.model') && readFileSync(join(folder, name), 'utf8').includes(generated));
for (const file of files) {
  const path = join(folder, file);
  const operations = wanted.length > 0 ? wanted : [...readFileSync(path, 'utf8').matchAll(/^operation (\w+)/gm)].map(match => match[1]);
  writeFileSync(path, table(basename(file, '.model'), operations));
  console.log(`${file}: ${operations.length} operations`);
}

function table(service, operations) {
  const model = JSON.parse(readFileSync(join(root, 'artifacts', 'models', `${service}.json`), 'utf8'));
  const structures = new Map();
  const enums = new Map();
  const patterns = new Map();
  const lines = [];
  for (const name of [...operations].sort()) {
    const operation = model.operations[name];
    if (!operation) throw new Error(`${service} has no operation ${name}`);
    lines.push(`operation ${name} ${operation.method} ${operation.path}`);
    for (const member of operation.input ? members(operation.input) : []) lines.push(`  in ${member}`);
    if (operation.errors.length > 0) lines.push(`  errors ${operation.errors.join(' ')}`);
    lines.push('');
  }
  for (const [name, content] of structures) lines.push(`structure ${name}`, ...content.map(line => `  ${line}`), '');
  for (const [name, values] of [...enums].sort()) lines.push(`enum ${name} ${values.join(' ')}`);
  if (enums.size > 0) lines.push('');
  for (const [pattern, name] of patterns) lines.push(`pattern ${name} ${pattern}`);
  return [
    `# Checked against npm ${model.package} ${model.version} and aws-sdk ${model.checkedWith}.`, generated,
    `service ${model.package.replace('@aws-sdk/client-', '')}`, `  signing ${service}`, '',
    ...errors(), ...lines,
  ].join('\n').trimEnd() + '\n';

  function errors() {
    const listed = new Set(operations.flatMap(name => model.operations[name].errors));
    const lines = [...listed].sort().map(name => [name, model.structures[name].error.status]).filter(([, status]) => status !== 400).map(([name, status]) => `error ${name} ${status}`);
    return lines.length > 0 ? [...lines, ''] : [];
  }

  // Only S3 has inputs in headers and payloads. What is not text there (a body, metadata) has no rules.
  function members(structure) {
    const left = service === 's3' ? ['headers', 'status'] : ['header', 'headers', 'payload', 'status'];
    return Object.entries(model.structures[structure].members)
      .filter(([, shape]) => !left.includes(shape.location) && !(shape.location === 'payload' && shape.type !== 'structure')).map(([name, shape]) => member(name, shape));
  }

  function member(name, shape) {
    const rules = [];
    if (shape.type === 'list') {
      const element = rule({ ...shape.element, enum: shape.enum ?? shape.element.enum });
      rules.push(range('#', shape.rule), element ? `[${element}]` : '');
    } else if (shape.type === 'map') {
      const [key, value] = [rule({ type: 'string', rule: shape.key }), rule(shape.element)];
      rules.push(range('#', shape.rule), key || value ? `[${key}${value ? `:${value}` : ''}]` : '');
    } else {
      rules.push(rule(shape));
    }
    if (shape.token) rules.push('token');
    if (shape.location) rules.push(shape.location);
    const wire = service === 's3' ? shape.locationName ?? shape.xmlName ?? name : service === 'ec2' && shape.xmlName ? shape.xmlName[0].toUpperCase() + shape.xmlName.slice(1) : shape.locationName ?? shape.jsonName ?? name;
    const pascal = name[0].toUpperCase() + name.slice(1);
    if (wire !== pascal[0].toLowerCase() + pascal.slice(1)) rules.push(`wire=${wire}`);
    const given = rules.filter(text => text !== '').join(' ');
    return `${pascal}${shape.required ? '*' : ''} ${type(shape)}${given ? ` {${given}}` : ''}`;
  }

  function type(shape) {
    switch (shape.type) {
      case 'list': return `List<${type(shape.enum ? { ...shape.element, enum: shape.enum } : shape.element).replace('?', '')}>`;
      case 'map': return `Dictionary<string, ${type(shape.element).replace('?', '')}>`;
      case 'structure': remember(shape.ref); return shape.ref;
      case 'boolean': return 'bool?';
      case 'timestamp': return 'DateTime?';
      case 'blob': return 'MemoryStream';
      case 'number': return { integer: 'int?', long: 'long?', float: 'float?', double: 'double?' }[shape.width] ?? 'double?';
      default:
        if (!shape.enum) return 'string';
        enums.set(shape.enum, model.enums[shape.enum]);
        return shape.enum;
    }
  }

  function remember(name) {
    if (structures.has(name)) return;
    structures.set(name, []);
    structures.set(name, members(name));
  }

  function range(mark, given) {
    return given && (given.min || given.max !== undefined) ? `${mark}${given.min ?? ''}..${given.max ?? ''}` : '';
  }

  function rule(shape) {
    if (shape.enum || shape.type === 'structure' || !shape.rule) return '';
    const text = [range('', shape.rule)];
    if (shape.rule.pattern) {
      if (!patterns.has(shape.rule.pattern)) patterns.set(shape.rule.pattern, `P${patterns.size + 1}`);
      text.push(patterns.get(shape.rule.pattern));
    }
    return text.filter(word => word !== '').join(' ');
  }
}
