"""A fake of the saved objects API of Kibana and OpenSearch Dashboards, which is not part of an engine.

Takes an import as the two document it, and is as strict as the oldest of them.
"""

import email
import email.policy
import json
import urllib.parse

PATH = "/api/saved_objects/_import"
# versions known to Kibana 7.10; anything newer is rejected with 422
NEWEST = {"index-pattern": "7.6.0", "visualization": "7.10.0", "dashboard": "7.9.3"}
# attributes with a strict mapping in the index of the dashboards; an index pattern may have any
SEARCH_SOURCE = {"searchSourceJSON": str}
ATTRIBUTES = {
    "visualization": {
        "title": str, "description": str, "version": int, "visState": str, "uiStateJSON": str, "savedSearchRefName": str,
        "kibanaSavedObjectMeta": SEARCH_SOURCE,
    },
    "dashboard": {
        "title": str, "description": str, "version": int, "hits": int, "panelsJSON": str, "optionsJSON": str, "timeRestore": bool, "timeFrom": str,
        "timeTo": str, "refreshInterval": {"pause": bool, "value": int, "display": str, "section": int}, "kibanaSavedObjectMeta": SEARCH_SOURCE,
    },
}


class SavedObjects:
    """Responds to import requests and stores the objects by type and id."""

    def __init__(self):
        self.objects = {}

    def answer(self, request):
        """Returns status and response, as the servers do."""
        if request.method != "POST":
            return 404, error(404, "Not Found")
        if "kbn-xsrf" not in request.headers or "osd-xsrf" not in request.headers:
            return 400, error(400, "Request must contain a kbn-xsrf header.")
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(request.path).query, keep_blank_values=True)
        if set(query) - {"overwrite", "createNewCopies"}:
            return 400, error(400, f"[request query]: {sorted(query)}")
        if query.get("createNewCopies") == ["true"]:
            return 400, error(400, "ids would not be kept")
        try:
            objects = [json.loads(line) for line in uploaded(request).decode().splitlines() if line.strip()]
        except ValueError as problem:
            return 400, error(400, str(problem))
        for one in objects:
            if one["migrationVersion"] != {one["type"]: NEWEST.get(one["type"])}:
                return 422, error(422, f"Document {one['id']} has property {one['type']} which belongs to a more recent version")
        return 200, self._take(objects, overwrite=query.get("overwrite") == ["true"])

    def _take(self, objects, overwrite):
        known = set(self.objects) | {(one["type"], one["id"]) for one in objects}
        errors, taken = [], []
        for one in objects:
            key = one["type"], one["id"]
            missing = [each for each in one["references"] if (each["type"], each["id"]) not in known]
            unmapped = misfits(one["attributes"], ATTRIBUTES[one["type"]]) if one["type"] in ATTRIBUTES else []
            if unmapped:
                errors.append({"type": key[0], "id": key[1], "error": {"type": "unknown", "message": f"strict_dynamic_mapping_exception {unmapped}"}})
            elif missing:
                errors.append({"type": key[0], "id": key[1], "error": {"type": "missing_references", "references": missing}})
            elif key in self.objects and not overwrite:
                errors.append({"type": key[0], "id": key[1], "error": {"type": "conflict"}})
            else:
                taken.append((key, one))
        self.objects.update(taken)
        return {"success": not errors, "successCount": len(taken), **({"errors": errors} if errors else {})}


def misfits(attributes, mapping):
    """Returns the names of attributes that a strict mapping lacks or has with another type."""
    found = []
    for name, value in attributes.items():
        mapped = mapping.get(name)
        if isinstance(mapped, dict) and isinstance(value, dict):
            found += [f"{name}.{inner}" for inner in misfits(value, mapped)]
        elif type(value) is not mapped:
            found.append(name)
    return found


def uploaded(request):
    """Returns the content of the only file in a multipart form."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    form = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    if form.get_content_type() != "multipart/form-data" or not form.is_multipart() or form.defects:
        raise ValueError(f"no multipart form but {request.headers['Content-Type']} {form.defects}")
    (part,) = form.iter_parts()
    if part.get_content_disposition() != "form-data" or part.get_param("name", header="content-disposition") != "file":
        raise ValueError("[request body.file]: expected value of type [Stream]")
    if not part.get_filename("").endswith(".ndjson"):
        raise ValueError(f"Invalid file extension of {part.get_filename()}")
    return part.get_payload(decode=True)


def error(status, message):
    return {"statusCode": status, "message": message}
