"""Formatters."""


def run(text, by="ruff"):
    """Write it as it is written."""
    if by == "black":
        import black

        return black.format_str(text, mode=black.Mode(target_versions={black.TargetVersion.PY312}))
    if by == "isort":
        import isort

        return isort.code(text, profile="black")
    if by == "yapf":
        from yapf.yapflib.yapf_api import FormatCode

        return FormatCode(text, style_config="google")[0]
    if by == "libcst":
        import libcst
        from libcst.codemod import CodemodContext
        from libcst.codemod.commands.convert_format_to_fstring import ConvertFormatStringCommand

        return ConvertFormatStringCommand(CodemodContext()).transform_module(libcst.parse_module(text)).code
    if by == "ruff":
        import subprocess

        return subprocess.run(["ruff", "format", "--no-cache", "-"], input=text, capture_output=True, text=True, check=True).stdout
    raise ValueError(by)
