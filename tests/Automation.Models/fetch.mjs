// Fetches AWS's own service models and writes them in one plain form for the tests:
//
//     node tests/Automation.Models/fetch.mjs            the versions in package.json
//     node tests/Automation.Models/fetch.mjs --latest   the newest, to see what AWS has changed since
//
// Output: artifacts/models/<signing name>.json, git-ignored. Sources:
//   @aws-sdk/client-*  operations, members, required, types, locations, errors, enums (the schemas that the client itself runs on, and its .d.ts files)
//   aws-sdk (v2)       widths of numbers, and which lists a paginator returns
//   python3-botocore   lengths, ranges and patterns, which no npm package has; from Debian's archive, skipped where there is no apt-get
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', '..', 'artifacts', 'models');
const latest = process.argv.includes('--latest');

// signing name: [v3 client, v2 model, botocore's name]
const services = {
  apprunner: ['apprunner', 'apprunner-2020-05-15', 'apprunner'],
  batch: ['batch', 'batch-2016-08-10', 'batch'],
  cloudformation: ['cloudformation', 'cloudformation-2010-05-15', 'cloudformation'],
  codebuild: ['codebuild', 'codebuild-2016-10-06', 'codebuild'],
  ec2: ['ec2', 'ec2-2016-11-15', 'ec2'],
  ecr: ['ecr', 'ecr-2015-09-21', 'ecr'],
  ecs: ['ecs', 'ecs-2014-11-13', 'ecs'],
  events: ['eventbridge', 'events-2015-10-07', 'events'],
  iam: ['iam', 'iam-2010-05-08', 'iam'],
  imagebuilder: ['imagebuilder', 'imagebuilder-2019-12-02', 'imagebuilder'],
  inspector2: ['inspector2', 'inspector2-2020-06-08', 'inspector2'],
  kms: ['kms', 'kms-2014-11-01', 'kms'],
  lambda: ['lambda', 'lambda-2015-03-31', 'lambda'],
  logs: ['cloudwatch-logs', 'logs-2014-03-28', 'logs'],
  monitoring: ['cloudwatch', 'monitoring-2010-08-01', 'cloudwatch'],
  s3: ['s3', 's3-2006-03-01', 's3'],
  sagemaker: ['sagemaker', 'sagemaker-2017-07-24', 'sagemaker'],
  scheduler: ['scheduler', 'scheduler-2021-06-30', 'scheduler'],
  servicequotas: ['service-quotas', 'service-quotas-2019-06-24', 'service-quotas'],
  signer: ['signer', 'signer-2017-08-25', 'signer'],
  sns: ['sns', 'sns-2010-03-31', 'sns'],
  sqs: ['sqs', 'sqs-2012-11-05', 'sqs'],
  ssm: ['ssm', 'ssm-2014-11-06', 'ssm'],
  states: ['sfn', 'states-2016-11-23', 'stepfunctions'],
  sts: ['sts', 'sts-2011-06-15', 'sts'],
};

const stamp = readFileSync(join(here, 'package.json'), 'utf8') + readFileSync(fileURLToPath(import.meta.url), 'utf8') + latest;
const stampFile = join(target, 'stamp');
if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  console.log('Official models: already fetched.');
  process.exit(0);
}

mkdirSync(target, { recursive: true });
rmSync(stampFile, { force: true });
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
if (latest) {
  for (const name of Object.keys(manifest.dependencies)) manifest.dependencies[name] = name === 'aws-sdk' ? '2' : '3';
}
writeFileSync(join(target, 'package.json'), JSON.stringify(manifest));
try {
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel=error'], { cwd: target, stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000 });
} catch (error) {
  console.error(`Official models: npm cannot install them; comparisons with them are skipped. ${String(error.stderr ?? error.message).split('\n')[0]}`);
  process.exit(1);
}

const require = createRequire(join(target, 'package.json'));
const botocore = fetchBotocore();
for (const [name, [client, v2, python]] of Object.entries(services)) {
  const model = read(client);
  addVersion2(model, v2);
  addConstraints(model, python);
  writeFileSync(join(target, `${name}.json`), JSON.stringify(model, null, 1));
}
writeFileSync(stampFile, stamp);
console.log(`Official models: ${Object.keys(services).length} services fetched${botocore ? '' : '; lengths, ranges and patterns are not among them (no python3-botocore here)'}.`);

// A schema: a number, or [kind, namespace, name, traits, …]; kind 0 simple, 1 list, 2 map, 3 structure, 4 union, -3 error, 9 operation.
// https://github.com/smithy-lang/smithy-typescript: packages/types/src/schema
function read(client) {
  const folder = join(target, 'node_modules', '@aws-sdk', `client-${client}`);
  const exports = require(`@aws-sdk/client-${client}`);
  const version = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  const types = declaredTypes(folder);
  const model = { package: `@aws-sdk/client-${client}`, version, operations: {}, structures: {}, enums: {} };

  for (const [name, value] of Object.entries(exports)) {
    if (/^[A-Z]/.test(name) && !name.endsWith('$') && value?.constructor === Object && Object.values(value).length > 0 && Object.values(value).every(item => typeof item === 'string')) {
      model.enums[name] = Object.values(value);
    }
  }
  for (const value of Object.values(exports)) {
    if (Array.isArray(value) && value[0] === 9) {
      const [, , name, traits, input, output] = value;
      const http = typeof traits === 'object' ? traits.http : undefined;
      model.operations[name] = {
        method: http?.[0] ?? 'POST',
        path: http?.[1] ?? '/',
        status: http?.[2] ?? 200,
        input: structure(resolve(input)),
        output: structure(resolve(output)),
        errors: thrown(folder, name, exports),
        paginated: `paginate${name}` in exports,
      };
    } else if (Array.isArray(value) && value[0] === -3) {
      structure(value);
    }
  }
  return model;

  function structure(schema) {
    if (schema === undefined || schema === 'unit') return null;
    const [kind, , name, traits, members, memberSchemas, required = 0] = schema;
    if (name in model.structures) return name;
    const out = (model.structures[name] = { members: {} });
    const own = traitsOf(traits);
    if (kind === 4) out.union = true;
    if (own.xmlName) out.xmlName = own.xmlName;
    if (kind === -3) {
      out.error = {
        code: own.awsQueryError?.[0] ?? name,
        status: own.awsQueryError?.[1] ?? own.httpError ?? (own.error === 'server' ? 500 : 400),
      };
    }
    members.forEach((member, index) => {
      out.members[member] = { ...(index < required ? { required: true } : {}), ...shape(memberSchemas[index]) };
      const type = types[name]?.[member];
      const known = type?.match(/[A-Za-z0-9]+/g)?.filter(word => word in model.enums) ?? [];
      if (known.length > 0) out.members[member].enum = known[0];
    });
    return name;
  }

  // The type, with what the traits say about where it is.
  function shape(schema) {
    let extra = {};
    schema = resolve(schema);
    if (Array.isArray(schema) && schema.length === 2 && typeof schema[0] !== 'string' && (typeof schema[1] === 'number' || typeof schema[1] === 'object') && !isStatic(schema)) {
      extra = location(traitsOf(schema[1]));
      schema = resolve(schema[0]);
    }
    if (typeof schema === 'number') return { ...simple(schema), ...extra };
    const [kind, , , traits] = schema;
    const own = kind === 3 || kind === 4 ? {} : location(traitsOf(traits));
    switch (kind) {
      case 0: return { ...shape(schema[4]), ...own, ...extra };
      case 1: return { type: 'list', element: shape(schema[4]), ...own, ...extra };
      case 2: return { type: 'map', element: shape(schema[5]), ...own, ...extra };
      default: return { type: 'structure', ref: structure(schema), ...extra };
    }
  }
}

function isStatic(schema) {
  return schema.length > 2 && typeof schema[1] === 'string';
}

function resolve(schema) {
  while (typeof schema === 'function') schema = schema();
  return schema;
}

function simple(schema) {
  if (schema & 64) return { type: 'list', element: simple(schema & ~64) };
  if (schema & 128) return { type: 'map', element: simple(schema & ~128) };
  const names = { 0: 'string', 1: 'number', 2: 'boolean', 15: 'document', 17: 'number', 19: 'number', 21: 'blob', 42: 'blob' };
  if (schema >= 4 && schema <= 7) return { type: 'timestamp', ...(schema === 4 ? {} : { format: ['date-time', 'http-date', 'epoch-seconds'][schema - 5] }) };
  if (!(schema in names)) throw new Error(`unknown schema ${schema}`);
  return { type: names[schema] };
}

function traitsOf(traits) {
  if (typeof traits !== 'number') return traits ?? {};
  const names = ['httpLabel', 'idempotent', 'idempotencyToken', 'sensitive', 'httpPayload', 'httpResponseCode', 'httpQueryParams'];
  return Object.fromEntries(names.flatMap((name, bit) => (traits >> bit) & 1 ? [[name, 1]] : []));
}

function location(traits) {
  const out = {};
  if (traits.httpLabel) out.location = 'path';
  if (traits.httpQuery) out.location = 'query', out.locationName = traits.httpQuery;
  if (traits.httpQueryParams) out.location = 'query';
  if (traits.httpHeader) out.location = 'header', out.locationName = traits.httpHeader;
  if (traits.httpPrefixHeaders !== undefined) out.location = 'headers', out.locationName = traits.httpPrefixHeaders;
  if (traits.httpPayload) out.location = 'payload';
  if (traits.httpResponseCode) out.location = 'status';
  if (traits.idempotencyToken) out.token = true;
  for (const name of ['xmlName', 'xmlFlattened', 'xmlAttribute', 'jsonName', 'xmlNamespace']) if (traits[name]) out[name] = traits[name];
  return out;
}

// «    imageTagMutability?: ImageTagMutability | undefined;» below «export interface CreateRepositoryRequest {»
function declaredTypes(folder) {
  const types = {};
  const models = join(folder, 'dist-types', 'models');
  for (const file of readdirSync(models).filter(name => /^models_\d+\.d\.ts$|^errors\.d\.ts$/.test(name))) {
    let current = null;
    for (const line of readFileSync(join(models, file), 'utf8').split('\n')) {
      const head = /^export (?:interface|declare class) (\w+)/.exec(line);
      if (head) current = types[head[1]] = {};
      const member = current && /^    (?:readonly )?(\w+)\??: (.*?)(?: \| undefined)?;$/.exec(line);
      if (member) current[member[1]] = member[2];
      if (line === '}') current = null;
    }
  }
  return types;
}

// « * @throws {@link ImageNotFoundException} (client fault)»
function thrown(folder, operation, exports) {
  const text = readFileSync(join(folder, 'dist-types', 'commands', `${operation}Command.d.ts`), 'utf8');
  return [...text.matchAll(/@throws \{@link (\w+)\} \((?:client|server) fault\)/g)].map(match => match[1]).filter(name => `${name}$` in exports);
}

// {"ListImages":{"http":{…},"input":{"type":"structure","required":["name"],"members":{"maxResults":{"type":"integer"}, "x":{"shape":"S7m"}}}}}
function addVersion2(model, name) {
  const folder = join(target, 'node_modules', 'aws-sdk', 'apis');
  const v2 = JSON.parse(readFileSync(join(folder, `${name}.min.json`), 'utf8'));
  const pages = JSON.parse(readFileSync(join(folder, `${name}.paginators.json`), 'utf8')).pagination ?? {};
  model.checkedWith = JSON.parse(readFileSync(join(target, 'node_modules', 'aws-sdk', 'package.json'), 'utf8')).version;
  const seen = new Set();
  for (const [operation, description] of Object.entries(model.operations)) {
    const old = v2.operations[operation];
    if (!old) continue;
    description.pages = [pages[operation]?.result_key ?? []].flat();
    widths(description.input && { type: 'structure', ref: description.input }, old.input);
    widths(description.output && { type: 'structure', ref: description.output }, old.output);
  }

  function widths(shape, old) {
    if (!shape || !old) return;
    if (old.shape) old = { ...v2.shapes[old.shape], ...old };
    if (shape.type === 'number' && old.type) shape.width = old.type;
    if (shape.type === 'list') widths(shape.element, old.member);
    if (shape.type === 'map') widths(shape.element, old.value);
    if (shape.type !== 'structure' || !old.members || seen.has(shape.ref)) return;
    seen.add(shape.ref);
    for (const [member, inner] of Object.entries(model.structures[shape.ref].members)) widths(inner, old.members[member]);
  }
}

function fetchBotocore() {
  const folder = join(target, 'botocore');
  const data = join(folder, 'usr', 'lib', 'python3', 'dist-packages', 'botocore', 'data');
  try {
    if (!existsSync(data)) {
      mkdirSync(folder, { recursive: true });
      try {
        download(folder);
      } catch {
        // A new machine has no list of packages yet.
        execFileSync('apt-get', ['update'], { stdio: 'ignore', timeout: 120_000 });
        download(folder);
      }
      execFileSync('dpkg', ['-x', readdirSync(folder).find(name => name.endsWith('.deb')), '.'], { cwd: folder, stdio: 'ignore' });
    }
    return existsSync(data) ? data : null;
  } catch {
    return null;
  }
}

function download(folder) {
  execFileSync('apt-get', ['download', 'python3-botocore'], { cwd: folder, stdio: 'ignore', timeout: 120_000 });
}

// {"shapes":{"RepositoryName":{"type":"string","max":256,"min":2,"pattern":"…"},"ListImagesRequest":{"members":{"repositoryName":{"shape":"RepositoryName"}}}}}
function addConstraints(model, name) {
  if (!botocore || !existsSync(join(botocore, name))) return;
  const version = readdirSync(join(botocore, name)).sort().at(-1);
  const { shapes, operations } = JSON.parse(readFileSync(join(botocore, name, version, 'service-2.json'), 'utf8'));
  const names = {};
  for (const [operation, description] of Object.entries(model.operations)) {
    if (description.input && operations[operation]?.input) names[description.input] = operations[operation].input.shape;
  }
  for (const [structure, { members }] of Object.entries(model.structures)) {
    const old = shapes[names[structure] ?? structure];
    for (const [member, shape] of Object.entries(members)) if (old?.members?.[member]) constrain(shape, shapes[old.members[member].shape]);
  }

  function constrain(shape, old) {
    const rule = Object.fromEntries(['min', 'max', 'pattern'].filter(key => old[key] !== undefined).map(key => [key, old[key]]));
    shape.rule = rule;
    if (shape.type === 'list' && old.member) constrain(shape.element, shapes[old.member.shape]);
    if (shape.type === 'map' && old.value) constrain(shape.element, shapes[old.value.shape]), shape.key = Object.fromEntries(['min', 'max', 'pattern'].filter(key => shapes[old.key.shape][key] !== undefined).map(key => [key, shapes[old.key.shape][key]]));
  }
}
