// ImagePushed of a foreign repository, which calls nothing, and BuildNotification of a deleted build, which calls Image Builder: in Node.js with
// the AWS SDK v3, bundled. Lambda's own Node.js runtime has its Runtime API client built in; node:http takes its place here.
import http from "node:http";
import { GetImageCommand, ImagebuilderClient } from "@aws-sdk/client-imagebuilder";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const imageBuilder = new ImagebuilderClient({});

function send(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body ? { "content-length": Buffer.byteLength(body) } : {};
    const request = http.request({ host, port, method, agent, headers, path: `/2018-06-01/runtime/invocation${path}` }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function decide({ Sns }) {
  const { arn } = JSON.parse(Sns.Message);
  try {
    const { image } = await imageBuilder.send(new GetImageCommand({ imageBuildVersionArn: arn }));
    return { subject: arn, decision: image.state.status };
  } catch (error) {
    if (error.name !== "ResourceNotFoundException") throw error;
    return { subject: arn, decision: "no", reasons: [{ code: "build-gone", text: "Image Builder has no such build any more." }] };
  }
}

async function handle(event) {
  if (event.Records) return { decisions: await Promise.all(event.Records.map(decide)) };
  const subject = `${event.detail["repository-name"]}:${event.detail["image-tag"]}`;
  return { decisions: [{ subject, decision: "not-ours", reasons: [{ code: "no-dependants", text: `No image of the catalog is built on ${subject}.` }] }] };
}

for (;;) {
  const { headers, body } = await send("GET", "/next");
  await send("POST", `/${headers["lambda-runtime-aws-request-id"]}/response`, JSON.stringify(await handle(JSON.parse(body))));
}
