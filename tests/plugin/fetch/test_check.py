"""What a configuration file is told about its policy."""

import pytest

from isolate_host.config import check_config
from isolate_host.plugin import PluginRegistry

HEAD = "version: 1\nplugins: [fetch]\nsandboxes:\n  a:\n    policies:\n      fetch:\n"


@pytest.fixture
def findings(tmp_path):
    def check(block):
        file = tmp_path / "host.yaml"
        file.write_text(HEAD + "".join(f"        {line}\n" for line in block.splitlines()))
        _, found = check_config(file, PluginRegistry())
        return [(item.code, item.mark.line, item.message) for item in found]

    return check


def test_a_good_policy(findings, tmp_path):
    (tmp_path / "ca.pem").write_text("x")
    assert findings("allow: ['https://*.a.test:*/x*', {host: '[::1]', scheme: '*', port: 1}]\ndeny: [{methods: [POST]}]\nca_file: ca.pem") == []


@pytest.mark.parametrize(
    ("block", "code", "line", "text"),
    [
        ("allow:\n  - https://a.test\n  - a.test", "fetch-bad-rule", 9, "allow[1]: 'a.test' is no rule"),
        ("deny: [{host: 'a*'}]", "fetch-bad-rule", 7, "deny[0]: 'a*' is no host"),
        ("credentials: [{host: '*', header: A, value: '${env:HOME}'}]", "fetch-bad-rule", 7, "name the hosts"),
        ("credentials: [{host: 'x y', header: A, value: '${env:HOME}'}]", "fetch-bad-rule", 7, "'x y' is no host"),
        ("ca_file: none.pem", "fetch-no-file", 7, "there is no file none.pem"),
        ("allow: [{host: a.test, pot: 1}]", "policy-unknown-key", 7, "pot"),
        ("concurrent: 0", "policy-bad-value", 7, "concurrent"),
    ],
)
def test_findings(findings, block, code, line, text):
    found = findings(block)
    assert [(item[0], item[1]) for item in found] == [(code, line)], found
    assert text in found[0][2]


def test_a_secret_with_a_line_break_is_not_shown(findings, tmp_path):
    (tmp_path / "token").write_text("s3cret\nHost: evil\n")
    found = findings("credentials: [{host: a.test, header: A, value: '${file:token}'}]")
    assert [item[0] for item in found] == ["fetch-bad-value"]
    assert "s3cret" not in str(found)
