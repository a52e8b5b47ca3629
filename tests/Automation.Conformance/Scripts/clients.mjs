// {"story":"ecr"} -> {"checks":12}, or {"fault":"…"}. The endpoint and the credentials come from the environment, as for any program with the SDK.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const { story } = JSON.parse(readFileSync(0, 'utf8'));
let checks = 0;
const check = (actual, expected, what) => { checks++; assert.deepEqual(actual, expected, what); };
const refused = async (call, name) => {
  checks++;
  const error = await call.then(() => null, caught => caught);
  assert.equal(error?.name, name, `refused with ${error?.name}: ${error?.message}`);
  assert.ok(error.$metadata.httpStatusCode >= 400);
};

/** A function per operation: call('createQueue', {…}). */
function client(name) {
  const package_ = require(`@aws-sdk/client-${name}`);
  const Client = Object.entries(package_).find(([key]) => key.endsWith('Client') && !key.startsWith('__') && key !== 'Client')[1];
  const made = new Client({ maxAttempts: 1 });
  return (operation, input = {}) => made.send(new package_[operation + 'Command'](input));
}

const until = async (read, done) => {
  for (let i = 0; i < 200; i++) {
    const value = await read();
    if (done(value)) return value;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error('it does not happen');
};

const digest = text => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const role = 'arn:aws:iam::123456789012:role/any';

async function push(ecr, repositoryName, imageTag) {
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
  const { uploadId } = await ecr('InitiateLayerUpload', { repositoryName });
  await ecr('UploadLayerPart', { repositoryName, uploadId, partFirstByte: 0, partLastByte: config.length - 1, layerPartBlob: Buffer.from(config) });
  await ecr('CompleteLayerUpload', { repositoryName, uploadId, layerDigests: [digest(config)] });
  const imageManifest = JSON.stringify({
    schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest(config), size: config.length }, layers: [],
  });
  await ecr('PutImage', { repositoryName, imageManifest, imageTag });
  return digest(imageManifest);
}

const template = resources => JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Resources: resources });

const stories = {
  async ecr() {
    const ecr = client('ecr');
    const { repository } = await ecr('CreateRepository', { repositoryName: 'team/app', imageTagMutability: 'IMMUTABLE', tags: [{ Key: 'team', Value: 'a' }] });
    check(repository.repositoryName, 'team/app');
    check(repository.createdAt instanceof Date, true);
    await refused(ecr('CreateRepository', { repositoryName: 'team/app' }), 'RepositoryAlreadyExistsException');
    const imageDigest = await push(ecr, 'team/app', 'v1');
    const { imageDetails } = await ecr('DescribeImages', { repositoryName: 'team/app' });
    check(imageDetails.map(image => [image.imageDigest, image.imageTags]), [[imageDigest, ['v1']]]);
    check(imageDetails[0].imagePushedAt instanceof Date, true);
    await refused(ecr('PutImage', { repositoryName: 'team/app', imageTag: 'v1', imageManifest: '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}' }), 'InvalidParameterException');
    const got = await ecr('BatchGetImage', { repositoryName: 'team/app', imageIds: [{ imageTag: 'v1' }, { imageTag: 'v2' }] });
    check([got.images[0].imageId.imageDigest, got.failures[0].failureCode], [imageDigest, 'ImageNotFound']);
    check((await ecr('ListTagsForResource', { resourceArn: repository.repositoryArn })).tags, [{ Key: 'team', Value: 'a' }]);
    check((await ecr('BatchDeleteImage', { repositoryName: 'team/app', imageIds: [{ imageDigest }] })).failures, []);
    await ecr('DeleteRepository', { repositoryName: 'team/app' });
    await refused(ecr('ListImages', { repositoryName: 'team/app' }), 'RepositoryNotFoundException');
  },

  async imagebuilder() {
    const builder = client('imagebuilder');
    const ecr = client('ecr');
    await ecr('CreateRepository', { repositoryName: 'golden/base' });
    await ecr('CreateRepository', { repositoryName: 'images/app' });
    await push(ecr, 'golden/base', 'stable');
    const { componentBuildVersionArn } = await builder('CreateComponent', {
      name: 'hello', semanticVersion: '1.0.0', platform: 'Linux', clientToken: 'c1',
      data: 'name: hello\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: hello\n        action: ExecuteBash\n        inputs:\n          commands:\n            - echo hello\n',
    });
    const { containerRecipeArn } = await builder('CreateContainerRecipe', {
      name: 'app', semanticVersion: '1.0.0', containerType: 'DOCKER', components: [{ componentArn: componentBuildVersionArn }], clientToken: 'c2', platformOverride: 'Linux',
      parentImage: '123456789012.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable', targetRepository: { service: 'ECR', repositoryName: 'images/app' },
      dockerfileTemplateData: 'FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n',
    });
    const { infrastructureConfigurationArn } = await builder('CreateInfrastructureConfiguration', { name: 'app', instanceProfileName: 'profile', clientToken: 'c3' });
    const pipeline = { name: 'app', containerRecipeArn, infrastructureConfigurationArn, clientToken: 'c4', imageTestsConfiguration: { imageTestsEnabled: false } };
    const { imagePipelineArn } = await builder('CreateImagePipeline', pipeline);
    check((await builder('CreateImagePipeline', pipeline)).imagePipelineArn, imagePipelineArn, 'the same token');
    await refused(builder('CreateImagePipeline', { ...pipeline, clientToken: 'c5' }), 'ResourceAlreadyExistsException');
    const { imageBuildVersionArn } = await builder('StartImagePipelineExecution', { imagePipelineArn, clientToken: 's1', tags: { 'automation:image': 'app' } });
    const { image } = await until(() => builder('GetImage', { imageBuildVersionArn }), ({ image }) => ['AVAILABLE', 'FAILED'].includes(image.state.status));
    check([image.state.status, image.version, image.tags['automation:image']], ['AVAILABLE', '1.0.0/1', 'app']);
    check(image.outputResources.containers[0].imageUris.length > 0, true);
    check((await builder('ListImagePipelineImages', { imagePipelineArn })).imageSummaryList.map(each => each.arn), [imageBuildVersionArn]);
    check((await builder('ListTagsForResource', { resourceArn: imageBuildVersionArn })).tags, { 'automation:image': 'app' });
    await refused(builder('DeleteContainerRecipe', { containerRecipeArn }), 'ResourceDependencyException');
    await refused(builder('GetImage', { imageBuildVersionArn: imageBuildVersionArn.replace('/1.0.0/1', '/9.0.0/1') }), 'ResourceNotFoundException');
  },

  async sfn() {
    const sfn = client('sfn');
    const definition = JSON.stringify({ StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 1, Next: 'Done' }, Done: { Type: 'Pass', Result: { ok: true }, End: true } } });
    const { stateMachineArn } = await sfn('CreateStateMachine', { name: 'flow', definition, roleArn: role });
    const { executionArn, startDate } = await sfn('StartExecution', { stateMachineArn, name: 'one', input: '{"a":1}' });
    check(startDate instanceof Date, true);
    const done = await until(() => sfn('DescribeExecution', { executionArn }), each => each.status !== 'RUNNING');
    check([done.status, done.output], ['SUCCEEDED', '{"ok":true}']);
    const { events } = await sfn('GetExecutionHistory', { executionArn });
    check(events.map(event => event.type), ['ExecutionStarted', 'WaitStateEntered', 'WaitStateExited', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']);
    await refused(sfn('StartExecution', { stateMachineArn, name: 'one', input: '{}' }), 'ExecutionAlreadyExists');
    await refused(sfn('CreateStateMachine', { name: 'bad', definition: '{}', roleArn: role }), 'InvalidDefinition');
    await refused(sfn('DescribeExecution', { executionArn: executionArn + 'x' }), 'ExecutionDoesNotExist');
  },

  async eventbridge() {
    const events = client('eventbridge');
    const sqs = client('sqs');
    const { QueueUrl } = await sqs('CreateQueue', { QueueName: 'events' });
    const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
    await sqs('SetQueueAttributes', { QueueUrl, Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: Attributes.QueueArn }] }) } });
    const { RuleArn } = await events('PutRule', { Name: 'mine', EventPattern: '{"source":["mine"],"detail":{"size":[{"numeric":[">",1]}]}}' });
    check((await events('DescribeRule', { Name: 'mine' })).Arn, RuleArn);
    check((await events('PutTargets', { Rule: 'mine', Targets: [{ Id: 'q', Arn: Attributes.QueueArn }] })).FailedEntryCount, 0);
    const entry = size => ({ Source: 'mine', DetailType: 'made', Detail: JSON.stringify({ size }), Time: new Date('2026-01-05T08:00:00Z') });
    check((await events('PutEvents', { Entries: [entry(1), entry(2)] })).FailedEntryCount, 0);
    const { Messages } = await until(() => sqs('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 }), answer => answer.Messages?.length > 0);
    check(Messages.map(message => JSON.parse(message.Body).detail), [{ size: 2 }]);
    await refused(events('PutRule', { Name: 'bad', EventPattern: '{"source":"mine"}' }), 'InvalidEventPatternException');
    await refused(events('DescribeRule', { Name: 'other' }), 'ResourceNotFoundException');
  },

  async scheduler() {
    const scheduler = client('scheduler');
    const schedule = { Name: 'nightly', ScheduleExpression: 'cron(0 3 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin', FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Arn: 'arn:aws:sqs:us-east-1:123456789012:any', RoleArn: role } };
    const { ScheduleArn } = await scheduler('CreateSchedule', schedule);
    const got = await scheduler('GetSchedule', { Name: 'nightly' });
    check([got.Arn, got.State, got.CreationDate instanceof Date], [ScheduleArn, 'ENABLED', true]);
    check((await scheduler('ListSchedules')).Schedules.map(each => each.Name), ['nightly']);
    await refused(scheduler('CreateSchedule', schedule), 'ConflictException');
    await refused(scheduler('CreateSchedule', { ...schedule, Name: 'bad', ScheduleExpression: 'rate(0 minutes)' }), 'ValidationException');
    await scheduler('DeleteSchedule', { Name: 'nightly' });
    await refused(scheduler('GetSchedule', { Name: 'nightly' }), 'ResourceNotFoundException');
  },

  async snsAndSqs() {
    const [sns, sqs] = [client('sns'), client('sqs')];
    const { TopicArn } = await sns('CreateTopic', { Name: 'news' });
    const { QueueUrl } = await sqs('CreateQueue', { QueueName: 'readers', Attributes: { VisibilityTimeout: '10' } });
    const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    check(Attributes.VisibilityTimeout, '10');
    await sqs('SetQueueAttributes', { QueueUrl, Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: Attributes.QueueArn }] }) } });
    const { SubscriptionArn } = await sns('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: Attributes.QueueArn, Attributes: { FilterPolicy: '{"kind":["new"]}', RawMessageDelivery: 'true' }, ReturnSubscriptionArn: true });
    for (const kind of ['old', 'new']) await sns('Publish', { TopicArn, Message: kind, MessageAttributes: { kind: { DataType: 'String', StringValue: kind } } });
    const { Messages } = await until(() => sqs('ReceiveMessage', { QueueUrl, MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 }), answer => answer.Messages?.length > 0);
    check(Messages.map(message => [message.Body, message.MessageAttributes.kind.StringValue]), [['new', 'new']], 'the filter; the SDK checks the MD5 sums');
    await sqs('DeleteMessage', { QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle });
    const batch = await sqs('SendMessageBatch', { QueueUrl, Entries: [{ Id: 'a', MessageBody: 'A' }, { Id: 'b', MessageBody: 'B', MessageAttributes: { n: { DataType: 'Number', StringValue: '1' } } }] });
    check(batch.Successful.map(each => each.Id), ['a', 'b']);
    check((await sns('ListSubscriptionsByTopic', { TopicArn })).Subscriptions.map(each => each.SubscriptionArn), [SubscriptionArn]);
    await refused(sqs('GetQueueUrl', { QueueName: 'other' }), 'QueueDoesNotExist');
    await refused(sns('Publish', { TopicArn: TopicArn + 'x', Message: 'm' }), 'NotFoundException');
  },

  async s3() {
    const s3 = client('s3');
    await s3('CreateBucket', { Bucket: 'mine' });
    const put = await s3('PutObject', { Bucket: 'mine', Key: 'a/b c+d.txt', Body: 'hello', ContentType: 'text/plain', Metadata: { team: 'a' } });
    const got = await s3('GetObject', { Bucket: 'mine', Key: 'a/b c+d.txt' });
    check([await got.Body.transformToString(), got.ContentType, got.Metadata, got.ETag], ['hello', 'text/plain', { team: 'a' }, put.ETag]);
    check((await s3('ListObjectsV2', { Bucket: 'mine', Delimiter: '/' })).CommonPrefixes, [{ Prefix: 'a/' }]);
    check((await s3('ListObjectsV2', { Bucket: 'mine', Prefix: 'a/' })).Contents.map(each => [each.Key, each.Size]), [['a/b c+d.txt', 5]]);
    const { UploadId } = await s3('CreateMultipartUpload', { Bucket: 'mine', Key: 'large' });
    const part = await s3('UploadPart', { Bucket: 'mine', Key: 'large', UploadId, PartNumber: 1, Body: Buffer.alloc(1000, 1) });
    await s3('CompleteMultipartUpload', { Bucket: 'mine', Key: 'large', UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] } });
    check((await s3('HeadObject', { Bucket: 'mine', Key: 'large' })).ContentLength, 1000);
    await refused(s3('GetObject', { Bucket: 'mine', Key: 'other' }), 'NoSuchKey');
    await refused(s3('PutObject', { Bucket: 'mine', Key: 'large', Body: 'x', IfNoneMatch: '*' }), 'PreconditionFailed');
    await refused(s3('PutObject', { Bucket: 'mine', Key: 'x', Body: 'x', StorageClass: 'COLD' }), 'InvalidStorageClass');
    await refused(s3('DeleteObjects', { Bucket: 'mine', Delete: { Objects: [{ Key: '' }] } }), 'MalformedXML');
    check((await s3('DeleteObjects', { Bucket: 'mine', Delete: { Objects: [{ Key: 'a/b c+d.txt' }, { Key: 'large' }] } })).Deleted.map(each => each.Key), ['a/b c+d.txt', 'large']);
    await s3('DeleteBucket', { Bucket: 'mine' });
  },

  async ssm() {
    const ssm = client('ssm');
    check((await ssm('PutParameter', { Name: '/app/base', Value: 'a', Type: 'String' })).Version, 1);
    check((await ssm('PutParameter', { Name: '/app/base', Value: 'b', Type: 'String', Overwrite: true })).Version, 2);
    const { Parameter } = await ssm('GetParameter', { Name: '/app/base' });
    check([Parameter.Value, Parameter.Version, Parameter.LastModifiedDate instanceof Date], ['b', 2, true]);
    check((await ssm('GetParametersByPath', { Path: '/app' })).Parameters.map(each => each.Name), ['/app/base']);
    check((await ssm('GetParameters', { Names: ['/app/base', '/other'] })).InvalidParameters, ['/other']);
    await refused(ssm('PutParameter', { Name: '/app/base', Value: 'c', Type: 'String' }), 'ParameterAlreadyExists');
    await refused(ssm('GetParameter', { Name: '/other' }), 'ParameterNotFound');
  },

  async cloudformation() {
    const cloudformation = client('cloudformation');
    const StackName = 'mine';
    await cloudformation('CreateStack', { StackName, TemplateBody: template({ Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'of-the-stack' } } }) });
    const { Stacks } = await until(() => cloudformation('DescribeStacks', { StackName }), answer => !answer.Stacks[0].StackStatus.endsWith('_IN_PROGRESS'));
    check([Stacks[0].StackStatus, Stacks[0].CreationTime instanceof Date], ['CREATE_COMPLETE', true]);
    const { StackResourceSummaries } = await cloudformation('ListStackResources', { StackName });
    check(StackResourceSummaries.map(each => [each.LogicalResourceId, each.PhysicalResourceId]), [['Topic', 'arn:aws:sns:us-east-1:123456789012:of-the-stack']]);
    check(JSON.parse((await cloudformation('GetTemplate', { StackName })).TemplateBody).Resources.Topic.Type, 'AWS::SNS::Topic');
    await refused(cloudformation('CreateStack', { StackName, TemplateBody: template({}) }), 'AlreadyExistsException');
    await refused(cloudformation('DescribeStacks', { StackName: 'other' }), 'ValidationError');
  },

  async lambda() {
    const lambda = client('lambda');
    check((await lambda('ListFunctions')).Functions, []);
    await refused(lambda('GetFunction', { FunctionName: 'other' }), 'ResourceNotFoundException');
    await refused(lambda('Invoke', { FunctionName: 'other' }), 'ResourceNotFoundException');
  },

  async iam() {
    const [iam, cloudformation] = [client('iam'), client('cloudformation')];
    await cloudformation('CreateStack', {
      StackName: 'roles', Capabilities: ['CAPABILITY_NAMED_IAM'],
      TemplateBody: template({
        Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'worker', AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] } } },
        Read: { Type: 'AWS::IAM::ManagedPolicy', Properties: { ManagedPolicyName: 'read', Roles: [{ Ref: 'Role' }], PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ecr:ListImages', Resource: '*' }] } } },
      }),
    });
    const { Role } = await until(() => iam('GetRole', { RoleName: 'worker' }).catch(() => ({})), answer => answer.Role);
    check(JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument)).Statement[0].Principal, { Service: 'lambda.amazonaws.com' });
    const { AttachedPolicies } = await until(() => iam('ListAttachedRolePolicies', { RoleName: 'worker' }), answer => answer.AttachedPolicies?.length > 0);
    check(AttachedPolicies, [{ PolicyName: 'read', PolicyArn: 'arn:aws:iam::123456789012:policy/read' }]);
    const { Policy } = await iam('GetPolicy', { PolicyArn: AttachedPolicies[0].PolicyArn });
    check([Policy.DefaultVersionId, Policy.AttachmentCount, Policy.IsAttachable], ['v1', 1, true]);
    await refused(iam('GetRole', { RoleName: 'other' }), 'NoSuchEntityException');
  },

  async cloudwatch() {
    const cloudwatch = client('cloudwatch');
    const alarm = { AlarmName: 'depth', Namespace: 'AWS/SQS', MetricName: 'Depth', Statistic: 'Maximum', Period: 300, EvaluationPeriods: 1, Threshold: 1.5, ComparisonOperator: 'GreaterThanThreshold', Dimensions: [{ Name: 'QueueName', Value: 'q' }] };
    await cloudwatch('PutMetricAlarm', alarm);
    await cloudwatch('DisableAlarmActions', { AlarmNames: ['depth'] });
    const { MetricAlarms } = await cloudwatch('DescribeAlarms', { AlarmNames: ['depth'] });
    check([MetricAlarms[0].Threshold, MetricAlarms[0].ActionsEnabled, MetricAlarms[0].StateUpdatedTimestamp instanceof Date, MetricAlarms[0].Dimensions], [1.5, false, true, alarm.Dimensions]);
    const { Datapoints } = await cloudwatch('GetMetricStatistics', { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: 'f' }], Period: 300, Statistics: ['Sum'], StartTime: new Date('2026-01-05T00:00:00Z'), EndTime: new Date('2026-01-06T00:00:00Z') });
    check(Datapoints, []);
    await refused(cloudwatch('DeleteAlarms', { AlarmNames: ['other'] }), 'ResourceNotFound');
  },

  async logs() {
    const logs = client('cloudwatch-logs');
    await logs('CreateLogGroup', { logGroupName: '/app/log' });
    await logs('PutRetentionPolicy', { logGroupName: '/app/log', retentionInDays: 30 });
    const { logGroups } = await logs('DescribeLogGroups', { logGroupNamePrefix: '/app' });
    check(logGroups.map(group => [group.logGroupName, group.retentionInDays]), [['/app/log', 30]]);
    await refused(logs('CreateLogGroup', { logGroupName: '/app/log' }), 'ResourceAlreadyExistsException');
    await refused(logs('PutRetentionPolicy', { logGroupName: '/app/log', retentionInDays: 31 }), 'InvalidParameterException');
  },

  async kms() {
    const [kms, cloudformation] = [client('kms'), client('cloudformation')];
    await cloudformation('CreateStack', { StackName: 'keys', TemplateBody: template({ Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*', Resource: '*' }] } } } }) });
    const { StackResourceSummaries } = await until(() => cloudformation('ListStackResources', { StackName: 'keys' }), answer => answer.StackResourceSummaries?.[0]?.ResourceStatus === 'CREATE_COMPLETE');
    const KeyId = StackResourceSummaries[0].PhysicalResourceId;
    const { KeyMetadata } = await kms('DescribeKey', { KeyId });
    check([KeyMetadata.KeyId, KeyMetadata.KeyState], [KeyId, 'Enabled']);
    check(JSON.parse((await kms('GetKeyPolicy', { KeyId, PolicyName: 'default' })).Policy).Statement[0].Action, 'kms:*');
    await refused(kms('DescribeKey', { KeyId: '00000000-0000-0000-0000-000000000000' }), 'NotFoundException');
  },

  async inspector2() {
    const [inspector, ecr] = [client('inspector2'), client('ecr')];
    await ecr('PutRegistryScanningConfiguration', { scanType: 'ENHANCED', rules: [{ scanFrequency: 'CONTINUOUS_SCAN', repositoryFilters: [{ filter: '*', filterType: 'WILDCARD' }] }] });
    check((await inspector('ListCoverage', { filterCriteria: { ecrImageInUseCount: [{ lowerInclusive: 1 }] } })).coveredResources, []);
    check((await inspector('ListFindings', { filterCriteria: { epssScore: [{ lowerInclusive: 0.5 }] } })).findings, []);
    check((await inspector('GetClustersForImage', { filter: { resourceId: 'arn:aws:ecr:us-east-1:123456789012:repository/app/sha256:' + '0'.repeat(64) } })).cluster, []);
    await refused(inspector('ListFindings', { maxResults: 101 }), 'ValidationException');
    await refused(inspector('ListFindings', { filterCriteria: { componentId: [{ comparison: 'EQUALS', value: 'x' }] } }), 'ValidationException');
  },

  async servicequotas() {
    const quotas = client('service-quotas');
    const { Quota } = await quotas('GetServiceQuota', { ServiceCode: 'imagebuilder', QuotaCode: 'L-7A0E01E3' });
    check([Quota.Value, Quota.QuotaName], [75, 'Image pipelines']);
    check((await quotas('ListServiceQuotas', { ServiceCode: 'ecr' })).Quotas.length > 0, true);
    await refused(quotas('GetServiceQuota', { ServiceCode: 'ecr', QuotaCode: 'L-00000000' }), 'NoSuchResourceException');
  },

  async sts() {
    const sts = client('sts');
    const caller = await sts('GetCallerIdentity');
    check([caller.Account, caller.Arn], ['123456789012', 'arn:aws:iam::123456789012:user/local']);
    const cloudformation = client('cloudformation');
    await cloudformation('CreateStack', { StackName: 'roles', Capabilities: ['CAPABILITY_NAMED_IAM'], TemplateBody: template({ Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'person', AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'sts:AssumeRole' }] } } } }) });
    const RoleArn = 'arn:aws:iam::123456789012:role/person';
    const { Credentials, AssumedRoleUser } = await until(() => sts('AssumeRole', { RoleArn, RoleSessionName: 'me' }).catch(() => ({})), answer => answer.Credentials);
    check([AssumedRoleUser.Arn, Credentials.Expiration instanceof Date], ['arn:aws:sts::123456789012:assumed-role/person/me', true]);
    await refused(sts('AssumeRole', { RoleArn: RoleArn + 'x', RoleSessionName: 'me' }), 'AccessDenied');
  },

  async ecs() {
    const ecs = client('ecs');
    const { cluster } = await ecs('CreateCluster', { clusterName: 'prod' });
    check(cluster.status, 'ACTIVE');
    const { taskDefinition } = await ecs('RegisterTaskDefinition', { family: 'web', containerDefinitions: [{ name: 'web', image: 'images/app:latest', memory: 128 }] });
    check([taskDefinition.revision, taskDefinition.status], [1, 'ACTIVE']);
    const { tasks } = await ecs('RunTask', { cluster: 'prod', taskDefinition: 'web' });
    check((await ecs('ListTasks', { cluster: 'prod' })).taskArns, [tasks[0].taskArn]);
    await refused(ecs('DescribeServices', { cluster: 'other', services: ['web'] }), 'ClusterNotFoundException');
  },
};

try {
  await stories[story]();
  process.stdout.write(JSON.stringify({ checks }));
} catch (error) {
  process.stdout.write(JSON.stringify({ checks, fault: `${error.name}: ${error.message}\n${error.stack}` }));
}
