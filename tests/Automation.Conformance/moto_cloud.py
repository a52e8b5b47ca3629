"""
A pytest plugin that runs moto's own tests against the embedded cloud, as moto's server mode does against moto.
How to use it: tests/README.md, "moto's tests".

moto's tests rely on some things that neither AWS nor the embedded cloud does. The plugin makes up for these:
- moto forgets everything between two tests: each test gets a new cloud.
- moto takes images without layers: their layers are uploaded first, where their content is known.
- moto delivers to queues that have no policy, and at once: each queue gets a policy that allows all, and a receive waits a second.
- moto runs state machines only after a setting that its server takes: the setting is ignored.
- moto ignores the registry that a request names: the foreign registries of its tests become the own one.
"""
import atexit
import hashlib
import json
import os
import subprocess
import threading

import botocore.session
import pytest
import requests
from moto.core import models

ENDPOINT = os.environ["TEST_SERVER_MODE_ENDPOINT"]
COMMAND = os.environ["CLOUD_COMMAND"]  # automation-local
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}
FOREIGN_REGISTRIES = ("012345678910", "109876543210")

create_client = botocore.session.Session.create_client
send = requests.post
blobs = {}
cloud = None
met_limit = False


def stop():
    if cloud:
        cloud.kill()
        cloud.wait()


def reset(mock):
    """moto calls it at the beginning of a test and at its end; the beginning is enough."""
    global cloud
    if cloud and mock.__class__._nested_count != 1:
        return
    stop()
    cloud = subprocess.Popen(
        [COMMAND, "cloud", "--port", ENDPOINT.rsplit(":", 1)[1], "--no-stack"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    next(line for line in cloud.stdout if line.startswith("ready"))
    threading.Thread(target=cloud.stdout.read, daemon=True).start()


def ignore_settings(url, *args, **kwargs):
    """moto's server has settings under /moto-api/; the embedded cloud runs state machines without one."""
    if "/moto-api/" not in url:
        return send(url, *args, **kwargs)
    answer = requests.Response()
    answer.status_code = 201
    return answer


def know(content):
    digest = "sha256:" + hashlib.sha256(content).hexdigest()
    blobs[digest] = content
    return digest


def upload_layers(params, context, **_):
    body = json.loads(params["body"])
    try:
        manifest = json.loads(body["imageManifest"])
    except ValueError:
        return
    client = create_client(botocore.session.Session(), "ecr", region_name=context["client_region"], endpoint_url=ENDPOINT)
    for blob in [manifest.get("config"), *manifest.get("layers", [])]:
        content = blobs.get(blob["digest"]) if blob else None
        if content is None:
            continue
        repository = {"repositoryName": body["repositoryName"]}
        try:
            upload = client.initiate_layer_upload(**repository)["uploadId"]
            client.upload_layer_part(**repository, uploadId=upload, partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content)
            client.complete_layer_upload(**repository, uploadId=upload, layerDigests=[blob["digest"]])
        except client.exceptions.ClientError:
            pass  # the layer exists, or the repository does not: the test is about that


def own_registry(params, **_):
    if params.get("registryId") in FOREIGN_REGISTRIES:
        params["registryId"] = "123456789012"


def wait_a_second(params, **_):
    # What a handler of this event returns takes the place of the parameters.
    params.setdefault("WaitTimeSeconds", 1)


def open_queue(parsed, context, **_):
    if "QueueUrl" in parsed:
        client = create_client(botocore.session.Session(), "sqs", region_name=context["client_region"], endpoint_url=ENDPOINT)
        client.set_queue_attributes(QueueUrl=parsed["QueueUrl"], Attributes={"Policy": json.dumps(POLICY)})


def note_limit(parsed, **_):
    global met_limit
    met_limit = met_limit or "embedded cloud" in str((parsed or {}).get("Error", {}).get("Message", ""))


def prepared_client(session, service, *args, **kwargs):
    client = create_client(session, service, *args, **kwargs)
    events = client.meta.events
    events.register("after-call", note_limit)
    if service == "ecr":
        events.register("before-call.ecr.PutImage", upload_layers)
        events.register("provide-client-params.ecr", own_registry)
    if service == "sqs":
        events.register("provide-client-params.sqs.ReceiveMessage", wait_a_second)
        if os.environ.get("OPEN_QUEUES"):
            events.register("after-call.sqs.CreateQueue", open_queue)
    return client


def know_the_layers_of_moto():
    """moto's helper names layers by the digests of numbers, and a config by the digest of the digests."""
    from tests.test_ecr import test_ecr_helpers as helpers

    for number in range(101):
        know(str(number).encode())
    helpers._create_image_digest = lambda layers: know("".join(layer["digest"] for layer in layers).encode())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Writes "passed", "skipped", "limit" (the cloud named a limit of its own) or "failed" for each test to the file OUTCOMES."""
    report = (yield).get_result()
    if "OUTCOMES" not in os.environ or report.when == "teardown" or (report.when == "setup" and report.passed):
        return
    kind = "passed" if report.passed else "skipped" if report.skipped else "limit" if met_limit else "failed"
    reason = "" if report.passed or report.skipped else str(call.excinfo.value).splitlines()[0][:300] if str(call.excinfo.value) else ""
    with open(os.environ["OUTCOMES"], "a", encoding="utf-8") as outcomes:
        outcomes.write(f"{kind}\t{item.nodeid}\t{reason}\n")


def pytest_runtest_setup():
    global met_limit
    met_limit = False


atexit.register(stop)
models.ServerModeMockAWS.reset = reset
botocore.session.Session.create_client = prepared_client
requests.post = ignore_settings
know_the_layers_of_moto()
