"""ImagePushed of a foreign repository and BuildNotification of a build that is gone, in Python with boto3."""

import http.client
import json
import os

import boto3

IMAGE_BUILDER = boto3.client("imagebuilder")
RUNTIME = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


def send(method, path, body=None):
    RUNTIME.request(method, f"/2018-06-01/runtime/invocation{path}", body)
    response = RUNTIME.getresponse()
    return response.headers, response.read()


def decide(record):
    arn = json.loads(record["Sns"]["Message"])["arn"]
    try:
        image = IMAGE_BUILDER.get_image(imageBuildVersionArn=arn)["image"]
        return {"subject": arn, "decision": image["state"]["status"]}
    except IMAGE_BUILDER.exceptions.ResourceNotFoundException:
        return {"subject": arn, "decision": "no", "reasons": [{"code": "build-gone", "text": "Image Builder has no such build any more."}]}


def handle(event):
    if "Records" in event:
        return {"decisions": [decide(record) for record in event["Records"]]}
    subject = f"{event['detail']['repository-name']}:{event['detail']['image-tag']}"
    return {"decisions": [{"subject": subject, "decision": "not-ours", "reasons": [{"code": "no-dependants", "text": f"No image is built on {subject}."}]}]}


while True:
    headers, payload = send("GET", "/next")
    send("POST", f"/{headers['Lambda-Runtime-Aws-Request-Id']}/response", json.dumps(handle(json.loads(payload))))
