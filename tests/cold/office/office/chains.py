"""Each chain is a list of steps: a command line, and the file that it makes in the folder ("" for what it prints)."""

OFFICE = ["soffice", "--headless", "-env:UserInstallation=file://{folder}/profile", "--convert-to"]
CHROME = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir={folder}/chrome", "--no-first-run"]

CHAINS = {
    "upper": [(["sed", "s/.*/\\U&/", "{input}"], "")],
    "office-pdf": [([*OFFICE, "pdf", "--outdir", "{folder}", "{input}"], "input.pdf"), (["pdftotext", "-layout", "{input}", "-"], "")],
    "office-text": [([*OFFICE, "txt:Text (encoded):UTF8", "--outdir", "{folder}", "{input}"], "input.txt")],
    "office-docx": [([*OFFICE, "docx", "--outdir", "{folder}", "{input}"], "input.docx"), (["docx2txt", "{input}", "-"], "")],
    "office-html": [
        ([*OFFICE, "html:HTML (StarWriter)", "--outdir", "{folder}", "{input}"], "input.html"),
        (["pandoc", "-f", "html", "-t", "plain", "{input}"], ""),
    ],
    "sheet": [
        ([*OFFICE, "xlsx:Calc MS Excel 2007 XML", "--outdir", "{folder}", "{input}"], "input.xlsx"),
        ([*OFFICE, "csv", "--outdir", "{folder}", "{input}"], "input.csv"),
    ],
    "slides": [([*OFFICE, "odp", "--outdir", "{folder}", "{input}"], "input.odp"), ([*OFFICE, "png", "--outdir", "{folder}", "{input}"], "input.png")],
    "ocr": [
        (["convert", "-background", "white", "-fill", "black", "-font", "DejaVu-Sans", "-pointsize", "40", "label:{text}", "{output}"], "page.png"),
        (["tesseract", "{input}", "stdout", "-l", "{language}"], ""),
    ],
    "ocr-pdf": [
        (
            ["convert", "-depth", "8", "-background", "white", "-alpha", "off", "-font", "DejaVu-Sans", "-pointsize", "40", "label:{text}", "{output}"],
            "page.tiff",
        ),
        (["tesseract", "{input}", "page", "-l", "{language}", "pdf"], "page.pdf"),
        (["pdftotext", "{input}", "-"], ""),
    ],
    "markdown-docx": [(["pandoc", "-f", "markdown", "-o", "{output}", "{input}"], "page.docx"), (["pandoc", "-f", "docx", "-t", "gfm", "{input}"], "")],
    "markdown-epub": [
        (["pandoc", "-f", "markdown", "--metadata", "title=One", "-o", "{output}", "{input}"], "page.epub"),
        (["pandoc", "-f", "epub", "-t", "plain", "{input}"], ""),
    ],
    "markdown-page": [(["pandoc", "-s", "--highlight-style", "tango", "--mathml", "--metadata", "title=One", "-f", "markdown", "-t", "html", "{input}"], "")],
    "browser-pdf": [([*CHROME, "--print-to-pdf={folder}/page.pdf", "{input}"], "page.pdf"), (["pdftotext", "{input}", "-"], "")],
    "browser-picture": [([*CHROME, "--window-size=400,300", "--screenshot={folder}/page.png", "{input}"], "page.png")],
    "browser-text": [([*CHROME, "--virtual-time-budget=2000", "--dump-dom", "{input}"], "")],
    "print": [(["weasyprint", "{input}", "{output}"], "page.pdf"), (["pdftotext", "{input}", "-"], "")],
    "graph": [(["dot", "-Tsvg", "-o", "{output}", "{input}"], "graph.svg"), (["rsvg-convert", "-w", "300", "-o", "{output}", "{input}"], "graph.png")],
    "graph-picture": [(["neato", "-Tpng:cairo", "-o", "{output}", "{input}"], "graph.png")],
    "postscript": [
        (["enscript", "-q", "-B", "-p", "{output}", "{input}"], "page.ps"),
        (["ps2pdf", "{input}", "{output}"], "page.pdf"),
        (["pdftotext", "{input}", "-"], ""),
    ],
    "pages": [
        (["enscript", "-q", "-B", "-p", "{output}", "{input}"], "page.ps"),
        (["gs", "-q", "-dNOPAUSE", "-dBATCH", "-sDEVICE=pdfwrite", "-sOutputFile={output}", "{input}"], "page.pdf"),
        (["qpdf", "--linearize", "--object-streams=generate", "{input}", "{output}"], "linear.pdf"),
        (["mutool", "convert", "-o", "{folder}/m%d.png", "-O", "resolution=36", "{input}"], "m1.png"),
    ],
    "japanese": [
        (["pandoc", "-s", "--metadata", "title=x", "-t", "html", "-o", "{output}", "{input}"], "page.html"),
        (["weasyprint", "{input}", "{output}"], "page.pdf"),
        (["pdftoppm", "-r", "30", "-png", "-singlefile", "{input}", "page"], "page.png"),
    ],
    "scan": [
        (["convert", "-size", "200x100", "gradient:red-blue", "{output}"], "page.ppm"),
        (["c44", "{input}", "{output}"], "page.djvu"),
        (["djvused", "{input}", "-e", "n;size"], ""),
    ],
    "metadata": [
        (["convert", "-size", "20x10", "xc:red", "{output}"], "page.jpg"),
        (["exiftool", "-Artist=Somebody", "-o", "{output}", "{input}"], "marked.jpg"),
        (["exiftool", "-json", "-Artist", "-ImageWidth", "{input}"], ""),
    ],
    "rtf": [(["unrtf", "--text", "{input}"], "")],
    "spelling": [(["hunspell", "-d", "de_DE", "-l", "{input}"], "")],
    "kind": [(["file", "--brief", "--mime", "{input}"], "")],
    "packed": [(["7z", "a", "-bd", "{output}", "{input}"], "page.7z"), (["bsdtar", "-xOf", "{input}"], "")],
    "formats": [
        (["convert", "-size", "30x20", "xc:blue", "{output}"], "page.webp"),
        (["convert", "{input}", "{output}"], "page.heic"),
        (["convert", "{input}", "{output}"], "page.jp2"),
        (["identify", "-format", "%m %w", "{input}"], ""),
    ],
}
