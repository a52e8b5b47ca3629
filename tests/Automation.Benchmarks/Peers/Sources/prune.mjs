// The shortest useful prune with the AWS SDK v3: keep the newest KEEP images, delete the others by digest. It reads no usage, looks at no tag again,
// follows no manifest and logs nothing.
import { BatchDeleteImageCommand, DescribeImagesCommand, ECRClient } from "@aws-sdk/client-ecr";

const [repositoryName, keep] = [process.argv[2], Number(process.argv[3])];
const ecr = new ECRClient({});
const images = [];
let calls = 0;
let nextToken;
do {
  const page = await ecr.send(new DescribeImagesCommand({ repositoryName, maxResults: 1000, nextToken }));
  calls++;
  images.push(...page.imageDetails.map(({ imageDigest, imagePushedAt }) => ({ imageDigest, imagePushedAt })));
  nextToken = page.nextToken;
} while (nextToken);

images.sort((left, right) => right.imagePushedAt - left.imagePushedAt);
let deleted = 0;
for (let from = keep; from < images.length; from += 100) {
  const imageIds = images.slice(from, from + 100).map(({ imageDigest }) => ({ imageDigest }));
  deleted += (await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }))).imageIds.length;
  calls++;
}
console.log(JSON.stringify({ images: images.length, deleted, calls }));
