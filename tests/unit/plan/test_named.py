"""What an application's text names: absolute paths, commands in Java classes; and what no package
brought below /etc.
"""

import io
import zipfile

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.scanners.imports import with_constants
from careen.plan.scanners.java import literals_of
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec, Link, SetId

APP = {"WorkingDir": "/app"}


def kept(
    files: Files,
    used: dict[str, Use] | None = None,
    run: dict[str, object] | None = None,
    packages: tuple[str, ...] = (),
) -> set[str]:
    owners = tuple(package(Ecosystem.DEB, path.rpartition("/")[2], (path,)) for path in packages)
    return set(
        plan_for(
            Case(
                {**files, "/bin/x": elf()},
                used or {"/bin/x": Use.EXECUTED},
                (),
                run=APP if run is None else run,
                packages=owners,
            )
        ).keep
    )


def test_a_file_and_a_tree_that_sources_name_stay_and_others_go() -> None:
    files: Files = {
        "/app/serve.py": "FALLBACK = '/models/small/weights.bin'\nSTORE = \"/data/\"\n",
        "/models/small/weights.bin": "",
        "/models/small/vocabulary.txt": "",
        "/data/deep/er": "",
        "/else/where": "",
    }
    assert {"/models/small/vocabulary.txt", "/data/deep/er"} <= kept(files)
    assert "/else/where" not in kept(files)
    assert "/models/small/weights.bin" not in kept({**files, "/app/serve.py": "FALLBACK = None"})


def test_configuration_below_etc_names_too_and_prose_does_not() -> None:
    files: Files = {
        "/etc/web/site.conf": "root /srv/www;\nerror_page 404 /srv/errors/404.html;",
        "/srv/errors/404.html": "",
        "/srv/www/a": "",
        "/prose/x": "",
    }
    assert {"/srv/errors/404.html", "/srv/www/a"} <= kept(
        {**files, "/app/README.md": "see /prose/x"}
    )
    assert "/prose/x" not in kept({**files, "/app/README.md": "see /prose/x"})


def test_a_list_that_a_package_manager_read_names_nothing() -> None:
    database = "/var/lib/dpkg/info/fonts-x.list"
    files: Files = {
        database: "/usr/share/fonts/x/a.ttf\n/srv/of/x\n",
        "/usr/share/fonts/x/a.ttf": "",
        "/srv/of/x": "",
    }
    used = {"/bin/x": Use.EXECUTED, database: Use.OPENED}
    left = kept(files, used, packages=("/usr/share/fonts/x/a.ttf",))
    assert database in left
    assert not left & {"/usr/share/fonts/x/a.ttf", "/srv/of/x"}
    # Any other list that was read does.
    other = {"/data/x.list": files[database], **files}
    assert "/srv/of/x" in kept(other, {"/bin/x": Use.EXECUTED, "/data/x.list": Use.OPENED})


def test_homes_of_accounts_and_directories_of_the_loader_are_not_named() -> None:
    files: Files = {
        "/etc/passwd": "root:x:0:0:root:/keep/home:/bin/sh\n",
        "/etc/ld.so.conf.d/x.conf": "/vendor/lib\n",
        "/keep/home/.cache/x": "",
        "/vendor/lib/a.txt": "",
    }
    assert {"/keep/home/.cache/x", "/vendor/lib/a.txt"}.isdisjoint(
        kept(files, run={"WorkingDir": "/app", "User": "5"})
    )


def test_a_name_of_what_all_share_keeps_nothing_and_of_what_a_package_owns_what_is_named() -> None:
    files: Files = {
        "/app/x.sh": (
            "ls / /usr /usr/local /opt /owned/table /tmp/x /proc/x /usr/share/doc /usr/lib/engine"
        ),
        "/opt/big/file": "",
        "/owned/table": "",
        "/owned/more": "",
        "/tmp/x": "",
        "/usr/share/doc/x": "",
        "/usr/lib/engine/x": "",
    }
    found = kept(files, packages=("/owned/table", "/usr/share/doc/x", "/usr/lib/engine/x"))
    assert {
        "/opt/big/file",
        "/owned/more",
        "/tmp/x",
        "/usr/share/doc/x",
        "/usr/lib/engine/x",
    }.isdisjoint(found)
    assert "/owned/table" in found


def test_a_directory_of_data_that_is_named_stays_with_what_is_below_it_but_for_programs_of_others() -> (
    None
):
    files: Files = {
        "/app/main.py": "WORDS = '/usr/share/words'\nPROGRAM = '/usr/share/tools/run'\n",
        "/usr/share/words/deep/de": "",
        "/usr/share/words/raise": SetId(b""),
        "/usr/share/tools/run": "",
        "/usr/share/tools/other": "",
    }
    found = kept(files, packages=tuple(files)[1:])
    assert {"/usr/share/words/deep/de", "/usr/share/tools/run"} <= found
    assert {"/usr/share/words/raise", "/usr/share/tools/other"}.isdisjoint(found)


@pytest.mark.parametrize(
    ("path", "text", "stays"),
    [
        ("/site-packages/a/m.so", elf(text=b"\0/usr/share/words/%s.txt\0"), True),
        ("/site-packages/a/m.py", b"WORDS = f'/usr/share/words/{language}.txt'", True),
        ("/node_modules/a/m.js", b"const words = `/usr/share/words/${language}`", True),
        ("/site-packages/a/m.txt", b"/usr/share/words/", False),
        ("/usr/bin/of-debian", elf(text=b"\0/usr/share/words/\0"), False),
    ],
)
def test_data_that_code_of_no_system_package_names(path: str, text: bytes, stays: bool) -> None:
    files: Files = {path: text, "/usr/share/words/de": ""}
    owned = ("/usr/share/words/de", *((path,) if path.startswith("/usr/bin") else ()))
    assert (
        "/usr/share/words/de"
        in kept(files, {"/bin/x": Use.EXECUTED, path: Use.MAPPED}, packages=owned)
    ) is stays


def test_what_no_package_brought_below_etc_stays_and_links_out_of_it_go() -> None:
    files: Files = {
        "/etc/web/other.conf": "",
        "/etc/web/enabled/other.conf": Link("../other.conf"),
        "/etc/alternatives/cc": Link("/usr/bin/gcc"),
        "/usr/bin/gcc": elf(),
        "/etc/packaged.conf": "",
        "/etc/rc2.d/S01x": Link("../init.d/x"),
        "/etc/init.d/x": Exec(b"#!/bin/sh\n"),
    }
    found = kept(files, packages=("/etc/packaged.conf", "/usr/bin/gcc", "/etc/init.d/x"))
    assert {"/etc/web/other.conf", "/etc/web/enabled/other.conf"} <= found
    assert {
        "/etc/packaged.conf",
        "/usr/bin/gcc",
        "/etc/alternatives/cc",
        "/etc/rc2.d/S01x",
        "/etc/init.d/x",
    }.isdisjoint(found)


def test_a_crontab_names_scripts_and_these_name_commands() -> None:
    files: Files = {
        "/etc/cron.d/nightly": "MAILTO=root\n0 3 * * * root /opt/jobs/nightly.sh && rotate /data\n",
        "/var/spool/cron/crontabs/me": "* * * * * ping-me\n",
        "/opt/jobs/nightly.sh": Exec(b"#!/bin/sh\npack --all\n"),
        "/opt/jobs/lib/part.sh": "",
        **{f"/usr/bin/{item}": elf() for item in ("rotate", "pack", "ping-me", "other")},
    }
    assert {
        "/opt/jobs/lib/part.sh",
        "/usr/bin/rotate",
        "/usr/bin/pack",
        "/usr/bin/ping-me",
    } <= kept(files)
    assert "/usr/bin/other" not in kept(files)


def class_file(*literals: str, names: tuple[str, ...] = ("java/lang/ProcessBuilder",)) -> bytes:
    """The start of a class: names, literals with what points to them, a number of two slots, a
    class.
    """
    body = (
        b"".join(
            b"\1" + len(item.encode()).to_bytes(2, "big") + item.encode()
            for item in (*names, *literals)
        )
        + b"\5"
        + b"\0" * 8
        + b"\7\0\1"
    )
    body += b"".join(
        b"\10" + (len(names) + number).to_bytes(2, "big") for number in range(1, len(literals) + 1)
    )
    return (
        b"\xca\xfe\xba\xbe\0\0\0\x3d"
        + (len(names) + 2 * len(literals) + 4).to_bytes(2, "big")
        + body
        + b"\0" * 8
    )


def jar(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app/Main.class", data)
    return out.getvalue()


def test_a_class_that_starts_processes_keeps_the_commands_that_its_literals_name() -> None:
    files: Files = {
        "/usr/bin/sh": elf(),
        "/usr/bin/sed": elf(),
        "/usr/bin/other": elf(),
        "/usr/bin/join": elf(),
    }
    starter = class_file("sh", "echo x | sed s/a/b/", names=("java/lang/ProcessBuilder", "join"))
    assert {"/usr/bin/sh", "/usr/bin/sed"} <= kept({**files, "/app/lib/app.jar": jar(starter)})
    assert {"/usr/bin/sh", "/usr/bin/sed"} <= kept({**files, "/app/Main.class": starter})
    assert {"/usr/bin/other", "/usr/bin/join"}.isdisjoint(
        kept({**files, "/app/lib/app.jar": jar(starter)})
    )
    harmless = class_file("sh", "sed", names=("java/lang/String",))
    assert {"/usr/bin/sh", "/usr/bin/sed"}.isdisjoint(
        kept({**files, "/app/lib/app.jar": jar(harmless)})
    )


def test_broken_archives_and_classes_keep_nothing_and_end() -> None:
    whole = class_file("sh", "sed")
    assert literals_of(whole) == ["sh", "sed"]
    assert literals_of(whole[:-9]) == ["sh"]
    assert not literals_of(whole[:40])
    assert not literals_of(b"\xca\xfe\xba\xbe\0\0\0\x3d\xff\xff\x63java/lang/Runtime")
    assert not literals_of(
        b"\xca\xfe\xba\xbe\0\0\0\x3d\xff\xff" + b"\10\xff\xff" * 50_000 + b"java/lang/Runtime"
    )
    files: Files = {
        "/usr/bin/sh": elf(),
        "/app/a.jar": b"PK\3\4 no archive",
        "/app/b.jar": jar(whole)[:-30],
    }
    assert "/usr/bin/sh" not in kept(files)


def test_perl_that_only_a_script_names_keeps_its_modules() -> None:
    files: Files = {
        "/app/run.sh": "#!/bin/sh\nperl -e 1\n",
        "/usr/bin/perl": elf(),
        "/usr/share/perl/5.40/JSON/PP.pm": "",
        "/bin/sh": Exec(b""),
    }
    case = Case({**files, "/bin/x": elf()}, {"/bin/x": Use.EXECUTED}, (), run=APP)
    assert ImagePath("/usr/share/perl/5.40/JSON/PP.pm") in plan_for(case, rules=load_rules()).keep
    assert ImagePath("/usr/share/perl/5.40/JSON/PP.pm") in plan_for(case).remove


def test_programs_in_a_directory_of_the_packages_own_stay_though_it_is_on_path() -> None:
    own = "/usr/lib/database/17/bin"
    files: Files = {f"{own}/server": elf(), f"{own}/dump": elf(), "/usr/bin/extra": elf()}
    owner = package(Ecosystem.DEB, "database", tuple(files))
    run = {"WorkingDir": "/app", "Env": [f"PATH={own}:/usr/bin"]}
    found = plan_for(
        Case(files, {f"{own}/server": Use.EXECUTED}, (), packages=(owner,), run=run)
    ).keep
    assert ImagePath(f"{own}/dump") in found
    assert ImagePath("/usr/bin/extra") not in found


def test_a_project_with_its_environment_beside_it_stays_whole_where_a_script_names_it() -> None:
    site = "/opt/shop/env/lib/python3.13/site-packages/web"
    files: Files = {
        "/usr/local/bin/start": Exec(
            b"#!/bin/sh\nexec /opt/shop/env/bin/python /opt/shop/manage.py\n"
        ),
        "/opt/shop/manage.py": "import shop.settings",
        "/opt/shop/shop/settings.py": "",
        f"{site}/__init__.py": "",
    }
    owner = package(Ecosystem.PYPI, "web", (f"{site}/__init__.py",), modules=("web",))
    keep = plan_for(
        Case(
            {**files, "/bin/sh": elf()},
            {"/usr/local/bin/start": Use.EXECUTED},
            (),
            packages=(owner,),
            run=APP,
        )
    ).keep
    assert "/opt/shop/shop/settings.py" in keep
    assert f"{site}/__init__.py" not in keep


def test_a_script_on_path_may_be_a_link_into_its_own_tree() -> None:
    files: Files = {
        "/usr/local/bin/tell": Link("/opt/private/tell/bin/tell"),
        "/opt/private/tell/bin/tell": Exec(b"#!/usr/bin/env python3\n"),
        "/opt/private/tell/lib/words.py": "",
        "/usr/local/bin/owned": Link("/opt/other/owned"),
        "/opt/other/owned": Exec(b"#!/bin/sh\n"),
    }
    found = kept(
        files,
        run={"Env": ["PATH=/usr/local/bin:/bin"], "WorkingDir": "/app"},
        packages=("/opt/other/owned",),
    )
    assert {
        "/usr/local/bin/tell",
        "/opt/private/tell/bin/tell",
        "/opt/private/tell/lib/words.py",
    } <= found
    assert "/opt/other/owned" not in found


def test_a_configuration_names_a_program_by_its_path_and_a_source_of_a_library_none() -> None:
    files: Files = {
        "/app/commands.toml": 'run = ["/opt/tools/mark/bin/mark"]\nno = ["/opt/tools/raise"]\n',
        "/opt/tools/mark/bin/mark": Exec(b""),
        "/opt/tools/raise": SetId(b""),
    }
    found = kept(files, packages=("/opt/tools/mark/bin/mark", "/opt/tools/raise"))
    assert "/opt/tools/mark/bin/mark" in found
    assert "/opt/tools/raise" not in found


@pytest.mark.parametrize(
    ("script", "variables", "words"),
    [
        (b"bin=/srv/venv/bin\nexec $bin/honcho start\n", {}, b"/srv/venv/bin/honcho"),
        (b'export HOME_OF="/srv/x"; "${HOME_OF}"/run\n', {}, b'"/srv/x"/run'),
        (b"exec ${VENV}/bin/serve\n", {"VENV": "/opt/venv"}, b"/opt/venv/bin/serve"),
        (b"exec $PATH/x $OTHER/y\n", {"PATH": "/a:/b"}, b"$PATH/x $OTHER/y"),
        (b"local bin=/a/b\necho '$bin'\n", {}, b"'$bin'"),
        (b'bin="${API_HOME:-/opt/api}/bin"\nexec "$bin/serve"\n', {}, b'"/opt/api/bin/serve"'),
        (
            b'bin="${API_HOME:-/opt/api}/bin"\nexec "$bin/serve"\n',
            {"API_HOME": "/srv/api"},
            b'"/srv/api/bin/serve"',
        ),
        (b"root=/opt/x\nbin=$root/bin\n${bin}/run\n", {}, b"\n/opt/x/bin/run"),
        (b"bin=$root/bin\n$bin/run\n", {}, b"$bin/run"),
    ],
)
def test_what_a_script_sets_to_a_path_is_put_in(
    script: bytes, variables: dict[str, str], words: bytes
) -> None:
    assert words in with_constants(script, variables)


def test_a_hostile_script_does_not_grow_without_bound() -> None:
    value = "/" + "x" * 290
    script = b"a=" + value.encode() + b"\n" + b"$a/" * 1_000_000
    assert len(with_constants(script, {"b": "/" + "y" * 1_000_000})) < len(script) + 4_000_000
    assert with_constants(b"$b/x", {"b": "/" + "y" * 1_000_000}) == b"$b/x"


def test_a_command_behind_a_variable_of_the_script_stays() -> None:
    files: Files = {
        "/app/run.sh": "#!/bin/sh\nbin=/srv/venv/bin\n$bin/honcho start\n",
        "/srv/venv/bin/honcho": Exec(b""),
        "/srv/venv/bin/other": Exec(b""),
    }
    found = kept(files, packages=("/srv/venv/bin/honcho", "/srv/venv/bin/other"))
    assert "/srv/venv/bin/honcho" in found
    assert "/srv/venv/bin/other" not in found


def test_modules_that_are_links_are_read_where_they_lead() -> None:
    site = "/opt/env/lib/python3.13/site-packages"
    files: Files = {
        f"{site}/a/__init__.py": Link("/var/store/a.py"),
        f"{site}/gone/__init__.py": Link("/nowhere"),
        "/var/store/a.py": "import b\n",
        f"{site}/b/__init__.py": "",
    }
    owners = tuple(
        package(Ecosystem.PYPI, name, (f"{site}/{name}/__init__.py",), modules=(name,))
        for name in ("a", "b", "gone")
    )
    used = {
        "/bin/x": Use.EXECUTED,
        f"{site}/a/__init__.py": Use.TRAVERSED,
        "/var/store/a.py": Use.OPENED,
        f"{site}/gone/__init__.py": Use.LOOKED_UP,
    }
    keep = plan_for(Case({**files, "/bin/x": elf()}, used, (), packages=owners, run=APP)).keep
    assert f"{site}/b/__init__.py" in keep


def test_path_files_count_in_directories_that_are_no_site_packages() -> None:
    files: Files = {
        "/app/main.py": "import site\nsite.addsitedir('/opt/plugins')\n",
        "/opt/plugins/more.pth": "/opt/more\n",
        "/opt/plugins/exporters/__init__.py": "",
        "/opt/more/words.py": "",
    }
    owner = package(
        Ecosystem.PYPI, "exporters", ("/opt/plugins/exporters/__init__.py",), modules=("exporters",)
    )
    assert (
        "/opt/more/words.py"
        in plan_for(
            Case(
                {**files, "/bin/x": elf()}, {"/bin/x": Use.EXECUTED}, (), packages=(owner,), run=APP
            )
        ).keep
    )
