"""No secret of a history or a variable is evidence."""

from pathlib import Path

import pytest

from careen.compliance.secrets.hide import hidden
from careen.evidence.compliance.xccdf import xccdf_results
from careen.model.compliance.assessment import Compliance
from careen.report.compliance.markdown import to_markdown
from careen.report.compliance.spreadsheet import cell, to_csv
from careen.report.documents.comply import comply_json
from tests.support.compliance import assessment, results, subject
from tests.support.images import file
from tests.support.secrets import AWS, GITHUB, HUGGING_FACE, VALUES

STEP = f"ADD {GITHUB} https://ci:{AWS}@example.org/x?token={HUGGING_FACE} /x"


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "text", ["{}", "a {} b", "TOKEN={}", "ADD https://x:{}@h/ /y", "'{}'\udce9ü"]
)
def test_a_token_is_masked_to_its_end(value: str, text: str) -> None:
    shown = hidden(text.format(value))
    assert value not in shown
    assert value[-8:] not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "text",
    [
        "/usr/bin/sudo: 4755 0:0",
        "aws-access-token: layer 3, line 1274",
        "pkg:deb/debian/a@1.0",
        "ü\udce9",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert hidden(text) == text


WORD = "hunter2hunter2"
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ"
BEGIN, END = (f"-----{word} PRIVATE KEY-----" for word in ("BEGIN", "END"))


@pytest.mark.parametrize(
    "text",
    [
        f"RUN apt-get update && export DB_PASS={WORD} && echo '{BEGIN} {BODY}'",
        f"echo '{BEGIN}\\n{BODY}\\n{END}' > /k && docker login -u me -p {WORD}",
        f"{BEGIN} {BODY} {END} {BEGIN} {BODY}",
        f"docker login -u me -p '{WORD}'",
        f"docker login -p={WORD}",
        f"ENV DB_PWD={WORD} NPM_AUTH={WORD} CREDENTIAL={WORD}",
        f"--auth {WORD} --db-pass {WORD}",
        f"{{\"auth\": \"{WORD}\", 'pwd': '{WORD}'}}",
        f"mysql -u root -p{WORD} -e x",
        f"sshpass -p{WORD} ssh h",
    ],
)
def test_passwords_and_keys_of_a_command_are_masked(text: str) -> None:
    assert WORD not in hidden(text)
    assert BODY[:8] not in hidden(text)


def test_what_is_behind_a_key_stays() -> None:
    assert hidden(f"a '{BEGIN}\n{BODY}\n{END}' > /k") == "a '***' > /k"


@pytest.mark.parametrize("text", ["mkdir -p a b", "cp -p /a /b", "run -p 80:80 -p 443", "-p $P"])
def test_other_meanings_of_p_stay(text: str) -> None:
    assert hidden(text) == text


@pytest.mark.parametrize("before", range(150, 200, 7))
def test_a_text_is_cut_after_it_is_hidden(tmp_path: Path, before: int) -> None:
    step = "ADD a /a".ljust(before, "a")
    with subject(tmp_path, history=[{"created_by": f"{step} {GITHUB} https://h /x"}]) as image:
        assessment(image, "cis-docker")
        (evidence,) = results(image)["history-no-add"].evidence
    assert GITHUB[:4] not in evidence.value


@pytest.mark.parametrize("before", ["x ", "TOKEN=", f"{'y' * 190} "])
def test_no_document_has_the_secret_of_an_entrypoint(tmp_path: Path, before: str) -> None:
    config = {
        "Entrypoint": [f"{before}{GITHUB}"],
        "Env": ["PATH=/usr/bin", f"LD_PRELOAD={before}{GITHUB}"],
        "ExposedPorts": {f"{before}{GITHUB}/tcp": {}},
        "Labels": {"org.opencontainers.image.source": f"{before}{GITHUB}"},
    }
    name = f"usr/bin/{GITHUB}"
    with subject(tmp_path, file(name, b"x", mode=0o4755), config=config) as image:
        found = assessment(image, "cis-docker", "cis-linux", "stig-gpos")
        said = results(image)
    documents = [
        comply_json(Compliance((found,))),
        to_csv(found),
        *(xccdf_results(found, each) for each in found.frameworks),
    ]
    assert not [each for each in documents if GITHUB[:8].encode() in each]
    for each in said.values():
        assert GITHUB[:8] not in f"{each.reason}{each.evidence}"
    assert "***" in said["entrypoint-absolute"].reason
    assert said["no-setid-files"].evidence[0].where == "/usr/bin/***"


def test_a_cell_is_masked_before_it_is_cut() -> None:
    assert GITHUB[:4] not in cell("y" * 1990 + f" --token {GITHUB}")


def test_no_document_has_the_secret_of_a_history(tmp_path: Path) -> None:
    with subject(tmp_path, history=[{"created_by": STEP}]) as image:
        found = assessment(image, "cis-docker")
        evidence = results(image)["history-no-add"].evidence
        assert [each.value.count("***") for each in evidence] == [3]
        documents = [
            to_markdown(found),
            to_csv(found),
            *(xccdf_results(found, each) for each in found.frameworks),
        ]
    for document in documents:
        assert not [value for value in VALUES if value.encode() in document]
