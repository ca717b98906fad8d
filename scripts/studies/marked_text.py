"""Write what a script has measured into its place on a page that people write."""

from pathlib import Path

from seqlab.machine.atomic import atomic_text_files


def replace_marked(page: Path, name: str, text: str) -> None:
    """Replace the text between the comments `NAME: begin` and `NAME: end`. Raises ValueError without these."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{page}: no place marked {name}")
    with atomic_text_files() as open_text:
        open_text(page).write(f"{before}{begin}{text}\n{end}{after}")
