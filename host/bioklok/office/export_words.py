"""The page in a student's copy that says what each file is, in their language (B1, to a child).

The words of the dashboard stand in its translations; this page goes with a file and needs none.
"""

from html import escape

from biocore.record import EPOCH_FIELDS, EPOCH_FLAGS, EPOCH_MARKS

# The first is the language of who chose none.
LANGUAGES = ("nl", "en")

_WORDS: dict[str, dict[str, str]] = {
    "nl": {
        "title": "Alles wat Bioklok van {name} bewaart",
        "intro": "Dit is jouw kopie. Hier staat alles in wat er nu van jou wordt bewaard. "
        "Je mag ermee doen wat jij wilt. Let op: wie dit bestand heeft, kan alles lezen.",
        "files": "De bestanden",
        "person.json": "Wie je bent: je naam, je geboortedatum, je tijdzone en je taal.",
        "people.json": "Wie jouw ouders en mentor zijn, en van wanneer tot wanneer.",
        "consent-and-sharing.json": "Wie er ja of stop zei, en wat jij met wie deelde.",
        "who-looked.json": "Wie iets van jou bekeek, wat het was en wanneer.",
        "strips.json": "Jouw strippenkaart, en de redenen die je voor jezelf opschreef.",
        "cards.json": "Wat je zelf over een week opschreef.",
        "weekly-figures.json": "Wat er van oude weken over is als de minuten weg zijn.",
        "estimator.json": "Hoe ver de Bioklok jou heeft leren kennen, in getallen.",
        "how-sharp.json": "Hoe scherp je zei dat je was: van 1 (heel moe) tot 5 (heel scherp).",
        "timetable.json": "Je rooster: begin, einde en vak. Het adres van je rooster staat er niet "
        "in: wie dat heeft, kan je rooster lezen.",
        "bioklok.json": "Welke Bioklok je draagt en wat je ervoor koos.",
        "syncs.json": "Wanneer je Bioklok zijn minuten doorgaf.",
        "sign-in.json": "Hoe je inlogt. Wachtwoorden en sleutels staan er niet in.",
        "minutes.csv": "Elke minuut die gemeten is. Open dit met een rekenblad. De tijd staat "
        "er in UTC en in jouw tijd; geen tijd betekent dat je Bioklok niet wist hoe laat het was.",
        "pages/": "Dezelfde minuten, precies zoals je Bioklok ze opschreef (512 bytes per pagina).",
        "weeks/": "Elke week waarvan er nog minuten zijn, als bestand voor een programma.",
        "weeks_read": "Elke week waarvan er nog minuten zijn. De .html kun je gewoon lezen.",
        "columns": "De kolommen van minutes.csv (in het Engels)",
        "bits": "De bits van flags en marks (in het Engels)",
        "rights": "Klopt er iets niet, of wil je dat alles weggaat? Vraag het je school, of doe "
        "het zelf in Bioklok bij Mijn gegevens.",
    },
    "en": {
        "title": "Everything that Bioklok keeps of {name}",
        "intro": "This is your copy. It holds everything that is kept of you now. "
        "Do with it what you like. Mind that whoever has this file can read all of it.",
        "files": "The files",
        "person.json": "Who you are: your name, your day of birth, your time zone and language.",
        "people.json": "Who your parents and mentor are, and from when until when.",
        "consent-and-sharing.json": "Who said yes or stop, and what you shared with whom.",
        "who-looked.json": "Who looked at something of yours, what it was and when.",
        "strips.json": "Your strip card, and the reasons you wrote down for yourself.",
        "cards.json": "What you wrote about a week yourself.",
        "weekly-figures.json": "What is left of old weeks when the minutes are gone.",
        "estimator.json": "How far the Bioklok has come to know you, in numbers.",
        "how-sharp.json": "How sharp you said you were: from 1 (very tired) to 5 (very sharp).",
        "timetable.json": "Your timetable: start, end and subject. The address of your timetable "
        "is left out: whoever has it can read your timetable.",
        "bioklok.json": "Which Bioklok you wear and what you chose for it.",
        "syncs.json": "When your Bioklok handed its minutes over.",
        "sign-in.json": "How you sign in. Passwords and keys are left out.",
        "minutes.csv": "Every minute that was measured. Open it with a spreadsheet. The time is in "
        "UTC and in your own time; no time means that your Bioklok did not know what time it was.",
        "pages/": "The same minutes, exactly as your Bioklok wrote them (512 bytes a page).",
        "weeks/": "Every week of which there are minutes left, as a file for a program.",
        "weeks_read": "Every week of which there are minutes left. The .html is for reading.",
        "columns": "The columns of minutes.csv",
        "bits": "The bits of flags and marks",
        "rights": "Is something wrong, or do you want all of it gone? Ask your school, or do it "
        "yourself in Bioklok under My data.",
    },
}
FILES = tuple(name for name in _WORDS["nl"] if "." in name or name.endswith("/"))


def front_page(language: str, name: str, has_pages: bool) -> str:
    """Return the page. `has_pages`: the weeks are also there to be read."""
    words = _WORDS[language]

    def say(key: str) -> str:
        return escape(words[key].format(name=name))

    told = {file: say("weeks_read" if file == "weeks/" and has_pages else file) for file in FILES}
    files = [f"<dt>{escape(file)}</dt><dd>{text}</dd>" for file, text in told.items()]
    fields = [(field, unit, text) for field, _code, unit, text in EPOCH_FIELDS]
    bits = [
        (f"{column}: {bit}", f"{low}" if n == 1 else f"{low}-{low + n - 1}", text)
        for column, table in (("flags", EPOCH_FLAGS), ("marks", EPOCH_MARKS))
        for bit, low, n, text in table
    ]
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{language}"><head><meta charset="utf-8">',
            f"<title>{say('title')}</title></head><body>",
            f"<h1>{say('title')}</h1><p>{say('intro')}</p>",
            f"<h2>{say('files')}</h2><dl>",
            *files,
            f"</dl><p>{say('rights')}</p>",
            f"<h2>{say('columns')}</h2>{_table(fields)}",
            f"<h2>{say('bits')}</h2>{_table(bits)}",
            "</body></html>\n",
        ]
    )


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    return "<table>\n" + "\n".join(lines) + "\n</table>"
