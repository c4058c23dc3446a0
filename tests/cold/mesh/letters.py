"""Cases of the post and its boxes: letters.py NAME."""

import base64
import re
import subprocess
import sys
import os

from wire import HOST, Lines, connect, until


def smtp(port=25):
    post = Lines(connect(port))
    return post, post.reply()


def send(post, to, lines, sender="one@example.test"):
    post.ask("RSET")
    out = [post.ask(f"MAIL FROM:<{sender}>"), post.ask(f"RCPT TO:<{to}>")]
    if out[-1].startswith("250"):
        post.ask("DATA")
        out.append(post.ask("\r\n".join(lines) + "\r\n."))
    return [answer[:3] + re.sub(r"queued as \S+", "queued", answer[3:]) for answer in out]


def imap(user="keeper", password="horse", tls=False):
    box = Lines(connect(143))
    box.line()
    if tls:
        box.command("s", "STARTTLS")
        box.secure()
    return box, box.command("a", f"LOGIN {user} {password}").split("\n")[-1]


def filters():
    """A letter through the post, a filter, into a box; looked at by IMAP."""
    post, banner = smtp()
    print(banner[:3], re.findall(r"STARTTLS|PIPELINING|AUTH [A-Z -]+|SMTPUTF8|CHUNKING", post.ask("EHLO client.example.test")))
    parts = [
        "From: one@example.test", "To: keeper@mesh.test", "Subject: [orders] =?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"', "",
        "--b", "Content-Type: text/plain; charset=koi8-r", "Content-Transfer-Encoding: base64", "", base64.b64encode("привет".encode("koi8-r")).decode(),
        "--b", "Content-Type: text/html; charset=utf-8", "", "<p>tea &eacute;</p>", "--b--",
    ]  # fmt: skip
    print(send(post, "keeper@mesh.test", parts))
    print(
        send(post, "keeper+news@mesh.test", ["Subject: plain", "", "body of tea"]),
        send(post, "postmaster@mesh.test", ["Subject: scored", "X-Score: 7", "", "x"]),
    )
    box, said = imap(tls=True)
    print(said)
    until(
        lambda: (
            "EXISTS" in box.command("w", "EXAMINE Orders")
            and "1 EXISTS" in box.command("w", "EXAMINE INBOX")
            and "1 EXISTS" in box.command("w", "EXAMINE Junk")
        )
    )
    print(box.command("b", 'LIST "" *'))
    print(box.command("c", "SELECT Orders").count("\\Flagged") > 0)
    print(re.sub(r"RECEIVED.*?\)", "", box.command("d", "FETCH 1 (FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (X-HOUSE)])")))
    print(search(box, "e", "SUBJECT", "日本語"))
    print(search(box, "g", "BODY", "привет"))
    print(box.command("i", "FETCH 1 (BINARY[1] PREVIEW SAVEDATE)").split("\n")[0][:60])
    print(box.command("j", "SORT (REVERSE SUBJECT) UTF-8 ALL").split("\n")[0], box.command("k", "THREAD REFS UTF-8 ALL").split("\n")[0])
    print(box.command("l", "GETQUOTAROOT INBOX").split("\n")[1], box.command("m", "MYRIGHTS INBOX").split("\n")[0])
    print(
        box.command("n", "CREATE K&APY-rbe"),
        box.command("o", "MOVE 1 K&APY-rbe").split("\n")[-1][:9],
        box.command("p", "STATUS K&APY-rbe (MESSAGES)").split("\n")[0],
    )
    print(
        box.command("q", "ENABLE QRESYNC CONDSTORE").split("\n")[-1][:4],
        box.command("r", "NONSENSE").split("\n")[-1][:5],
        box.command("t", "ID NIL").split("\n")[-1][:4],
    )
    print(box.command("u", "LOGOUT").split("\n")[-1][:4])
    for user, password in (("hare", "horse"), ("shop", "horse"), ("hare", "wrong")):
        print(user, imap(user, password)[1].split("]")[-1].strip())


def search(box, tag, where, word):
    box.say(f"{tag} UID SEARCH CHARSET UTF-8 {where} {{{len(word.encode())}}}")
    box.line()
    box.say(word)
    lines = [box.line()]
    while not lines[-1].startswith(tag):
        lines.append(box.line())
    return lines[0]


def scripts():
    """A filter that its owner writes, over ManageSieve."""
    sieve = Lines(connect(4190))
    until_ok(sieve)
    plain = base64.b64encode(b"\0guest\0horse").decode()
    print("login", tell(sieve, f'AUTHENTICATE "PLAIN" "{plain}"'))
    text = 'require ["vacation", "fileinto", "envelope", "subaddress", "body", "date", "reject", "copy", "include", "mime", "foreverypart", "extracttext", "variables", "duplicate", "mailbox", "relational"];\r\nif body :text :contains "tea" { fileinto :copy :create "Tea"; }\r\nif header :is "x-kind" "no" { reject "not here"; stop; }\r\nif date :value "ge" "date" "year" "1990" { keep; }\r\nforeverypart { if header :mime :type "content-type" "text" { extracttext :first 3 "start"; } }\r\nvacation :days 1 :subject "away" "I am away: ${start}";\r\n'
    print("put", tell(sieve, f'PUTSCRIPT "mine" {{{len(text.encode())}+}}\r\n{text}'))
    print("wrong", tell(sieve, 'CHECKSCRIPT {18+}\r\nrequire "nonsense";')[:2])
    print("active", tell(sieve, 'SETACTIVE "mine"'), tell(sieve, "LISTSCRIPTS"))
    post, _ = smtp()
    post.ask("EHLO client.example.test")
    print(
        send(
            post,
            "guest@mesh.test",
            ["From: keeper@mesh.test", "To: guest@mesh.test", "Subject: hello", "Date: Thu, 29 Feb 2024 10:00:00 +0000", "Message-ID: <1@x>", "", "some tea"],
            "keeper@mesh.test",
        )
    )
    box, said = imap("keeper")
    print(
        said[:4],
        until(
            lambda: re.findall(
                r"Subject: away",
                box.command("b", "SELECT INBOX") + box.command("c", 'SEARCH SUBJECT "away"') + box.command("d", "FETCH * BODY[HEADER.FIELDS (SUBJECT)]"),
            )
        ),
    )
    scram = Lines(connect(143))
    scram.line()
    print(scram.command("a", "AUTHENTICATE PLAIN " + plain).split("]")[-1].strip())
    print("tea", until(lambda: re.findall(r"1 EXISTS", scram.command("b", "SELECT Tea"))), scram.command("c", "FETCH 1 BODY[TEXT]").split("\n")[1])


def until_ok(sieve):
    out = []
    while True:
        line = sieve.line()
        out.append(line)
        if literal := re.search(r"^(?:OK|NO|BYE).*\{(\d+)\}$", line):
            out.append(sieve.file.read(int(literal[1])).decode())
            sieve.line()
        if re.match(r"(OK|NO|BYE)\b", line):
            return " ".join(out)


def tell(sieve, text):
    sieve.say(text)
    return until_ok(sieve)


def refusals():
    """What the post refuses, sends back, gives to a program, and cannot send."""
    post, _ = smtp()
    print(post.ask("NONSENSE")[:40], "|", post.ask("HELO [bad")[:60], "|", post.ask("EHLO client.example.test")[:3])
    print(send(post, "nobody@mesh.test", [])[1][:60], "|", send_reset(post, "a@elsewhere.test")[:60])
    post.ask("RSET")
    print(send(post, "keeper@mesh.test", ["Subject: buy now", "", "x"])[-1])
    print(post.ask("MAIL FROM:<a@b.test> SIZE=99999999")[:40])
    secure, _ = smtp(587)
    secure.ask("EHLO x.test")
    print(secure.ask("STARTTLS")[:3])
    secure.secure()
    print(re.findall(r"AUTH PLAIN LOGIN", secure.ask("EHLO x.test")), secure.ask("AUTH PLAIN " + base64.b64encode(b"\0keeper\0wrong").decode())[:3])
    print(secure.ask("AUTH LOGIN")[:3], secure.ask(base64.b64encode(b"keeper").decode())[:3], secure.ask(base64.b64encode(b"horse").decode())[:5])
    print(send(secure, "stranger@nothing.invalid", ["Subject: far", "", "x"], "keeper@mesh.test"))
    print(
        send(
            secure,
            "orders@inbox.mesh.test",
            ["Subject: =?euc-kr?B?x9GxubvsIA==?=", "Content-Type: text/plain; charset=shift_jis", "Content-Transfer-Encoding: 8bit", "", "tea"],
            "keeper@mesh.test",
        )
    )
    print(send(secure, "nobody@inbox.mesh.test", ["Subject: none", "", "x"], "keeper@mesh.test"))
    box, _ = imap()
    print(
        "came back",
        until(
            lambda: re.findall(
                r"Came back.*|Subject: .*[Mm]ail.*", box.command("b", "SELECT INBOX") + box.command("d", "FETCH 1:* BODY[HEADER.FIELDS (SUBJECT)]")
            ),
            60,
        )[:1],
    )
    found = until(
        lambda: subprocess.run(["docker", "exec", os.environ["CONTAINER"], "mesh", "inbox"], capture_output=True, text=True, check=False).stdout.strip(), 30
    )
    print("given", found)
    web = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", f"http://{HOST}:8000/far/post?to=hare@mesh.test"], capture_output=True, text=True, check=False
    ).stdout
    print(
        "shop",
        web,
        subprocess.run(
            ["curl", "-sS", "--noproxy", "*", f"http://{HOST}:8000/far/post?to=nobody@mesh.test"], capture_output=True, text=True, check=False
        ).stdout,
    )
    hare, _ = imap("hare")
    print("hare", until(lambda: re.findall(r"1 EXISTS", hare.command("b", "SELECT INBOX"))), "a.csv" in hare.command("c", "FETCH 1 BODYSTRUCTURE"))


def send_reset(post, to):
    post.ask("RSET")
    return send(post, to, [])[1]


globals()[sys.argv[1]]()
