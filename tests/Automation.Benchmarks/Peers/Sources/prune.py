"""The shortest useful prune with boto3: keep the newest KEEP images, delete the others by digest. It checks and logs nothing."""

import json
import sys

import boto3

repository, keep = sys.argv[1], int(sys.argv[2])
ecr = boto3.client("ecr")
images, calls = [], 0
for page in ecr.get_paginator("describe_images").paginate(repositoryName=repository, PaginationConfig={"PageSize": 1000}):
    images += [(image["imagePushedAt"], image["imageDigest"]) for image in page["imageDetails"]]
    calls += 1

images.sort(reverse=True)
deleted = 0
for start in range(keep, len(images), 100):
    ids = [{"imageDigest": digest} for _, digest in images[start:start + 100]]
    deleted += len(ecr.batch_delete_image(repositoryName=repository, imageIds=ids)["imageIds"])
    calls += 1
print(json.dumps({"images": len(images), "deleted": deleted, "calls": calls}))
