def pytest_report_header():
    return "loud"


def pytest_terminal_summary(terminalreporter):
    terminalreporter.line("the checks are over")
