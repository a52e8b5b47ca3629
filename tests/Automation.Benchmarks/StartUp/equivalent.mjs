// What BuildNotification does for a build that is gone, in Node.js with the AWS SDK v3: take the ARN from the SNS message, ask
// Image Builder, answer with the decision. Lambda's own Node.js runtime has its Runtime API client built in; fetch stands for it here.
import { ImagebuilderClient, GetImageCommand } from "@aws-sdk/client-imagebuilder";

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const imageBuilder = new ImagebuilderClient({});

async function handle(event) {
  const decisions = [];
  for (const record of event.Records) {
    const { arn } = JSON.parse(record.Sns.Message);
    try {
      const { image } = await imageBuilder.send(new GetImageCommand({ imageBuildVersionArn: arn }));
      decisions.push({ image: arn, decision: image.state.status });
    } catch (error) {
      if (error.name !== "ResourceNotFoundException") {
        throw error;
      }
      decisions.push({ image: arn, decision: "none", reasons: [{ code: "build-is-gone", text: "Image Builder has no such build any more." }] });
    }
  }
  return { decisions };
}

for (;;) {
  const next = await fetch(`${api}/next`);
  const id = next.headers.get("lambda-runtime-aws-request-id");
  const result = await handle(await next.json());
  await fetch(`${api}/${id}/response`, { method: "POST", body: JSON.stringify(result) });
}
