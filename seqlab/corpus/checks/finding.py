"""What a check found, and what becomes of it: it stops the command, or it is a note."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from seqlab.errors import CorpusError


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a check found in what was read.

    check: the name of the check. place: 'path' or 'path:line'. fact: what is wrong, with the values.
    advice: what to do, options first. stops: going on would answer another question than the user's.
    """

    check: str
    place: str
    fact: str
    advice: str
    stops: bool = True

    @property
    def text(self) -> str:
        """The finding as one line."""
        return f"{self.place}: {self.fact}; {self.advice}"


def notes_or_error(findings: Iterable[Finding], accepted: Collection[str]) -> list[str]:
    """Return findings as notes for the user. An accepted one that would stop is a note; other accepted ones are left out.

    accepted: names of checks. Raises CorpusError for the first finding that stops and is not accepted.
    """
    notes = []
    for finding in findings:
        if finding.check in accepted:
            if finding.stops:
                notes.append(f"{finding.place}: {finding.fact} (accepted: {finding.check})")
        elif finding.stops:
            fact = f"{finding.fact}; {finding.advice}; --accept {finding.check} goes on as it is"
            raise CorpusError(fact, path=finding.place)
        else:
            notes.append(finding.text)
    return notes
