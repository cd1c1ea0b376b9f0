"""Checks the AWS CLI commands on the pages about AWS."""

import unittest

import aws_commands
import support


@support.needs("botocore")
class CommandsTest(unittest.TestCase):
    def test_every_command_of_the_pages_is_one_that_the_command_line_has(self):
        pages = sorted((support.ROOT / "docs").glob("aws*.md"))
        commands = [command for page in pages for command in aws_commands.in_text(page.read_text(encoding="utf-8"))]
        self.assertGreater(len(commands), 20)
        for command in commands:
            with self.subTest(command=command):
                self.assertIsNone(aws_commands.what_is_wrong(command))

    def test_mistakes_are_noticed(self):
        for command in (
            "aws kinesys list-shards",
            "aws kinesis list-shard",
            "aws kinesis update-shard-count --stream-name x --scaling-type UNIFORM_SCALING",
            "aws kinesis update-shard-count --stream x --target-shard-count 2 --scaling-type UNIFORM_SCALING",
            "aws cloudformation wait stack-created --stack-name x",
            "aws emr add-steps --cluster-id j-1",
        ):
            with self.subTest(command=command):
                self.assertIsNotNone(aws_commands.what_is_wrong(command))


if __name__ == "__main__":
    unittest.main()
