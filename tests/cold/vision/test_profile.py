"""The profile: one question after its health, one JPEG."""

import base64
import json
import os
import urllib.request
import uuid

BASE = os.environ["BASE_URL"]
JPEG = base64.b64decode(
    """
/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Oz
s7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozv/wAARCABgAGADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF
BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmq
KjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC
AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqK
mqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDxmiiigAooooAKKKKACivRPC3hbRdS8OWt3d2XmTSb9zea4zh2A4Bx0ArW/wCEI8Of9A7/
AMjSf/FV2xwVSUVJNannTzGlCTi09PT/ADPJaK9a/wCEI8Of9A7/AMjSf/FUf8IR4c/6B3/kaT/4qq+oVe6/r5Ef2pR7P8P8zyWirerQR2us3tvCu2KK4kRFyTgBiAOaqVwtWdj04u6TCiiikMKKKK
ACiiigD1rwR/yKFj/20/8ARjVvVg+CP+RQsf8Atp/6Mat6vo6P8KPoj5HEfxp+r/MKKKK1MTxbXv8AkYdS/wCvuX/0M1Qq/r3/ACMOpf8AX3L/AOhmqFfNT+Jn2NP4F6BRRRUFhRRRQAUUUUAeteCP
+RQsf+2n/oxq3q8Sg1bU7WFYbfUbqGJfupHMyqO/ABqT+3tZ/wCgtff+BD/416lPHRjBRtseLVy2c5ylzbs9porxb+3tZ/6C19/4EP8A40f29rP/AEFr7/wIf/Gr/tCP8pH9lT/mQa9/yMOpf9fcv/
oZqhSySPLI0kjs7uSzMxyWJ6kmkryZO7bPbiuWKQUUUUigorrfhv8A8jDP/wBejf8AoaV6XXdQwntYc3NY83E4/wBhU5OW/wA/+AeD0V7xVDXv+Re1L/r0l/8AQDWssBZN834f8ExjmnNJLk/H/gHi
1FFFeYewFFFFABRRRQAUUUUAdb8N/wDkYZ/+vRv/AENK9LrzT4b/APIwz/8AXo3/AKGlel17mC/gnzeY/wAd+iCqGvf8i9qX/XpL/wCgGr9UNe/5F7Uv+vSX/wBANdU/hZxU/jXqeLUUUV8yfYhRRR
QAUUUUAFFFFAFvTdVvdIuGuLCbyZWQoW2huMg45B9BWn/wm/iP/oI/+QY//iawaKuNScVaLaM5Uac3eUU/kb3/AAm/iP8A6CP/AJBj/wDiajn8Ya/dW8lvNf7opUKOvkoMgjBHC1i0VXtqn8z+8lYe
ivsL7kFFFFZGwUUUUAFFFFAH/9k=
"""
)


def ask(path: str, picture: bytes = b"") -> dict:
    mark = uuid.uuid4().hex
    body = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'.encode() + picture + f"\r\n--{mark}--\r\n".encode()
    request = urllib.request.Request(BASE + path, body if picture else None, {"content-type": f"multipart/form-data; boundary={mark}"})
    with urllib.request.urlopen(request, timeout=120) as reply:
        return json.loads(reply.read())


assert ask("/health") == {"status": "ok"}
assert ask("/detect", JPEG)["format"] == "JPEG"
print("2 passed")
