"""`cargo metadata` → CycloneDX 1.5: the crates that the binary is made of, without those of the tests and the build."""

import json
import re
import sys
import uuid

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
root = metadata["resolve"]["root"]


def used(node):
    """What a crate is linked with."""
    return [
        dependency["pkg"]
        for dependency in node["deps"]
        if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        and not any("proc-macro" in target["kind"] for target in packages[dependency["pkg"]]["targets"])
    ]


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, kind):
    found = {"type": kind, "bom-ref": purl(package), "name": package["name"], "version": package["version"]}
    if package["source"]:
        found["purl"] = purl(package)
    if package["license"]:
        found["licenses"] = [{"expression": re.sub(r" */ *", " OR ", package["license"])}]
    return found


reached, todo = set(), [root]
while todo:
    here = todo.pop()
    if here not in reached:
        reached.add(here)
        todo.extend(used(nodes[here]))
parts = sorted(reached - {root}, key=lambda found: purl(packages[found]))
# The same sources have the same serial number.
serial = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(map(purl, (packages[found] for found in [root, *parts]))))
print(
    json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "serialNumber": f"urn:uuid:{serial}",
            "version": 1,
            "metadata": {"component": component(packages[root], "application")},
            "components": [component(packages[found], "library") for found in parts],
            "dependencies": [
                {"ref": purl(packages[found]), "dependsOn": sorted({purl(packages[one]) for one in used(nodes[found])})}
                for found in [root, *parts]
            ],
        },
        indent=1,
    )
)
