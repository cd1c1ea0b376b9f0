"""Verifies AWS signatures, with no code in common with the signers."""

import hashlib
import hmac
import types
import unittest
import urllib.parse


def why_refused(request, secret, service="es", region="us-east-1"):
    """Returns None for a request with a valid AWS Signature Version 4, or a description of the error. Follows the specification, without AWS code."""
    authorization = request.headers.get("Authorization", "")
    if not authorization.startswith("AWS4-HMAC-SHA256 "):
        return "unsigned"
    fields = dict(field.strip().split("=", 1) for field in authorization.partition(" ")[2].split(","))
    scope = fields["Credential"].split("/")[1:]
    if scope[1:] != [region, service, "aws4_request"]:
        return f"scope {scope}"
    signed = fields["SignedHeaders"].split(";")
    if not {"host", "x-amz-date"} <= set(signed):
        return f"signed headers {signed}"
    path, _, query = request.path.partition("?")
    pairs = sorted((quote(key), quote(value)) for key, value in urllib.parse.parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join([
        request.method,
        urllib.parse.quote(path, safe="/-_.~"),
        "&".join("=".join(pair) for pair in pairs),
        "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in signed),
        ";".join(signed),
        hashlib.sha256(request.body).hexdigest(),
    ])
    key = b"AWS4" + secret.encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["X-Amz-Date"], "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()])
    if hmac.new(key, text.encode(), "sha256").hexdigest() != fields["Signature"]:
        return f"signature, canonical request:\n{canonical}"
    return None


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


class SignatureTest(unittest.TestCase):
    def test_the_verifier_takes_the_example_of_the_documentation(self):
        # the IAM ListUsers request with which the AWS documentation explains how to sign
        request = types.SimpleNamespace(method="GET", path="/?Action=ListUsers&Version=2010-05-08", body=b"", headers={
            "host": "iam.amazonaws.com",
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "x-amz-date": "20150830T123600Z",
            "X-Amz-Date": "20150830T123600Z",
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        })
        secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

        self.assertIsNone(why_refused(request, secret, service="iam"))
        self.assertIsNotNone(why_refused(request, secret + "x", service="iam"))


if __name__ == "__main__":
    unittest.main()
