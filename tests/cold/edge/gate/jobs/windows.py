import os


def work(what="picture"):
    from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QLocale, QTimeZone
    from PyQt6.QtGui import QFontDatabase, QGuiApplication, QImage, QImageReader, QImageWriter, QPainter, QPdfWriter

    app = QGuiApplication.instance() or QGuiApplication(["gate"])
    if what == "formats":
        reading = sorted(bytes(item).decode() for item in QImageReader.supportedImageFormats())
        return " ".join(reading) + "\n"
    if what == "fonts":
        return f"{len(QFontDatabase.families()) > 1} {app.platformName()}\n"
    if what == "zones":
        return f"{QTimeZone(b'Asia/Tokyo').isValid()} {QLocale('de_DE').toString(1234.5)}\n"
    if what == "svg":
        from PyQt6.QtSvg import QSvgRenderer

        renderer = QSvgRenderer(QByteArray(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="7"><rect width="9" height="7"/></svg>'))
        return f"{renderer.defaultSize().width()}\n"
    if what == "sql":
        from PyQt6.QtSql import QSqlDatabase, QSqlQuery

        base = QSqlDatabase.addDatabase("QSQLITE")
        base.setDatabaseName(":memory:")
        opened = base.open()
        query = QSqlQuery("select 6 * 7", base)
        return f"{opened} {query.next() and query.value(0)}\n"
    if what == "tls":
        from PyQt6.QtNetwork import QSslSocket

        return f"{QSslSocket.supportsSsl()} {QSslSocket.availableBackends()}\n"
    if what == "pdf":
        writer = QPdfWriter("/tmp/sign.pdf")
        painter = QPainter(writer)
        painter.drawText(100, 100, "Gate 5")
        painter.end()
        with open("/tmp/sign.pdf", "rb") as file:
            data = file.read()
        os.remove("/tmp/sign.pdf")
        return f"{data[:5]} {b'FontFile' in data}\n"
    if what == "bus":
        from PyQt6.QtDBus import QDBusConnection

        return f"{QDBusConnection.sessionBus().isConnected()}\n"
    picture = QImage(9, 7, QImage.Format.Format_RGB32)
    out = QByteArray()
    buffer = QBuffer(out)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return f"{picture.save(buffer, what if what != 'picture' else 'png')} {QImageWriter.supportedImageFormats() != []} {QImage.fromData(out).width()}\n"
