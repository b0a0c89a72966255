# SPDX-License-Identifier: MIT
"""Reads cases as JSON lines, {env, profile}, and prints for each the provider that botocore uses."""
import json
import os
import sys

import botocore.exceptions
import botocore.session

KEPT = dict(os.environ)


def provider(case):
    os.environ.clear()
    os.environ.update(KEPT, **case["env"])
    session = botocore.session.Session(profile=case["profile"])
    try:
        credentials = session.get_component("credential_provider").load_credentials()
    except botocore.exceptions.BotoCoreError as error:
        return type(error).__name__
    return credentials.method if credentials else None


for line in sys.stdin:
    print(json.dumps(provider(json.loads(line))), flush=True)
