"""Who gets what behind each address: docs/access.md comes from it, and the app is held to it.

Who: ANYBODY needs no sign-in; SIGNED_IN any account; else a role, or a token for one purpose.
About whom: whose data an address can be about for them. What is another's is answered like what
does not exist, in the same bytes.

    nobody signed in     a page leads to the sign-in page (303), the API answers 401
    without the role     404
    another's object     404, the same as for one that does not exist
    a form without its token, or sent by another site     403
"""

from typing import NamedTuple

ANYBODY, SIGNED_IN = "anybody", "whoever is signed in"
STUDENT, PARENT, MENTOR, ADMINISTRATOR = "student", "parent", "mentor", "administrator"
HUB_TOKEN, EXPORT_TOKEN = "hub token", "export token"
ADULTS = f"{PARENT}, {MENTOR}"
OWN, SHARED, NAMED = "themselves", "what a student shares with them", "own or shared with them"
CHILD, OWN_STUDENTS, SCHOOL, NOTHING = "own child", "own students", "own school", "-"
V1 = "/api/v1"


class Row(NamedTuple):
    """One address and method: who may ask for it, and about whom."""

    method: str
    path: str
    who: str
    whom: str = NOTHING


_DOORS = (
    Row("GET", "/healthz", ANYBODY),
    Row("GET", "/", SIGNED_IN, OWN),
    Row("GET", "/sign-in", ANYBODY),
    Row("POST", "/sign-in", ANYBODY),
    Row("POST", "/sign-in/passkey/ask", ANYBODY),
    Row("POST", "/sign-in/passkey", ANYBODY),
    Row("GET", "/sign-in/service", ANYBODY),
    Row("GET", "/sign-in/service/back", ANYBODY),
    Row("POST", "/sign-out", ANYBODY, OWN),
    Row("GET", "/invite/{token}", ANYBODY, OWN),
    Row("POST", "/invite/{token}", ANYBODY, OWN),
    Row("POST", "/invite/{token}/passkey", ANYBODY, OWN),
    Row("GET", "/link/{token}", ANYBODY, OWN),
    Row("POST", "/link/{token}", ANYBODY, OWN),
    Row("GET", "/account", SIGNED_IN, OWN),
    Row("POST", "/account/sign-out-everywhere", SIGNED_IN, OWN),
    Row("POST", "/account/sessions/{digest}/end", SIGNED_IN, OWN),
    Row("POST", "/account/language", SIGNED_IN, OWN),
    Row("POST", "/account/password", SIGNED_IN, OWN),
    Row("POST", "/account/passkeys/ask", SIGNED_IN, OWN),
    Row("POST", "/account/passkeys", SIGNED_IN, OWN),
    Row("POST", "/account/ways/remove", SIGNED_IN, OWN),
)


def _pages(who: str, whom: str, *addresses: str) -> tuple[Row, ...]:
    return tuple(
        Row(method, path, who, whom)
        for method, _, path in (one.partition(" ") for one in addresses)
    )


PAGES = (
    *_pages(
        STUDENT,
        OWN,
        "GET /me",
        "POST /me/sharp",
        "GET /me/weeks",
        "GET /me/weeks/{week}",
        "GET /me/weeks/{week}/report.pdf",
        "GET /me/weeks/{week}/sharing",
        "POST /me/weeks/{week}/sharing/preview",
        "POST /me/weeks/{week}/sharing",
        "POST /me/weeks/{week}/sharing/withdraw",
        "GET /me/weeks/{week}/cards",
        "POST /me/weeks/{week}/cards",
        "GET /me/hours",
        "GET /me/strips",
        "POST /me/strips",
        "POST /me/strips/withdraw",
        "POST /me/strips/reason",
        "GET /me/timetable",
        "POST /me/timetable/feed",
        "POST /me/timetable/zermelo",
        "POST /me/timetable/file",
        "POST /me/timetable/forget",
        "GET /me/bioklok",
        "POST /me/bioklok",
        "GET /me/data",
        "GET /me/data/stop",
        "POST /me/data/consent",
        "POST /me/data/export",
        "POST /me/data/erase",
    ),
    *_pages(ADULTS, SHARED, "GET /students", "GET /students/{student_id}/weeks/{week}"),
    *_pages(MENTOR, OWN_STUDENTS, "GET /requests", "POST /requests"),
    *_pages(
        PARENT,
        CHILD,
        "GET /children",
        "GET /children/{student_id}/stop",
        "POST /children/{student_id}/consent",
    ),
    *_pages(
        ADMINISTRATOR,
        SCHOOL,
        "GET /school",
        "POST /school/people",
        "GET /school/people/{person_id}",
        "POST /school/people/{person_id}",
        "POST /school/people/{person_id}/invite",
        "POST /school/people/{person_id}/close",
        "POST /school/people/{person_id}/ties",
        "POST /school/people/{person_id}/strips",
        "GET /school/devices",
        "POST /school/devices",
        "GET /school/hubs",
        "POST /school/hubs",
        "POST /school/hubs/revoke",
        "GET /school/rules",
        "POST /school/rules",
        "GET /school/retention",
        "GET /school/absences",
        "GET /school/absences.csv",
        "GET /school/jobs",
        "GET /school/tokens",
        "POST /school/tokens",
        "POST /school/tokens/revoke",
    ),
)

API = (
    *_pages(ANYBODY, NOTHING, f"GET {V1}/openapi.json"),
    *_pages(SIGNED_IN, OWN, f"GET {V1}/session"),
    *_pages(SIGNED_IN, NAMED, f"GET {V1}/students/{{student_id}}/weeks/{{week}}"),
    *_pages(
        STUDENT,
        OWN,
        f"GET {V1}/me/today",
        f"GET {V1}/me/weeks",
        f"GET {V1}/me/hours",
        f"GET {V1}/me/weeks/{{week}}/report.pdf",
        f"GET {V1}/me/weeks/{{week}}/sharing",
        f"POST {V1}/me/weeks/{{week}}/sharing/preview",
        f"POST {V1}/me/weeks/{{week}}/sharing",
        f"POST {V1}/me/sharing/withdraw",
        f"GET {V1}/me/weeks/{{week}}/cards",
        f"PUT {V1}/me/weeks/{{week}}/cards",
        f"GET {V1}/me/strips",
        f"POST {V1}/me/strips",
        f"POST {V1}/me/strips/withdraw",
        f"PUT {V1}/me/strips/reason",
        f"GET {V1}/me/bioklok",
        f"PUT {V1}/me/bioklok",
        f"GET {V1}/me/grades",
        f"POST {V1}/me/grades",
        f"GET {V1}/me/looks",
        f"GET {V1}/me/consent",
        f"POST {V1}/me/consent",
        f"POST {V1}/me/export",
        f"POST {V1}/me/erase",
    ),
    *_pages(ADULTS, SHARED, f"GET {V1}/students"),
    *_pages(MENTOR, OWN_STUDENTS, f"GET {V1}/requests", f"POST {V1}/requests/answer"),
    *_pages(PARENT, CHILD, f"GET {V1}/children", f"POST {V1}/children/{{student_id}}/consent"),
    *_pages(
        ADMINISTRATOR,
        SCHOOL,
        f"GET {V1}/school/people",
        f"POST {V1}/school/people",
        f"GET {V1}/school/people/{{person_id}}",
        f"PUT {V1}/school/people/{{person_id}}",
        f"POST {V1}/school/people/{{person_id}}/invite",
        f"POST {V1}/school/people/{{person_id}}/close",
        f"POST {V1}/school/people/{{person_id}}/ties",
        f"POST {V1}/school/people/{{person_id}}/ties/end",
        f"POST {V1}/school/people/{{person_id}}/strips",
        f"GET {V1}/school/devices",
        f"POST {V1}/school/devices",
        f"GET {V1}/school/hubs",
        f"GET {V1}/school/settings",
        f"PUT {V1}/school/settings",
        f"GET {V1}/school/jobs",
        f"GET {V1}/school/tokens",
        f"POST {V1}/school/tokens",
        f"DELETE {V1}/school/tokens/{{token_id}}",
    ),
    *_pages(f"{ADMINISTRATOR}, {EXPORT_TOKEN}", SCHOOL, f"GET {V1}/school/absences"),
    *_pages(
        HUB_TOKEN,
        SCHOOL,
        f"POST {V1}/sync/journals",
        f"POST {V1}/sync/pages",
        f"POST {V1}/sync/sessions",
    ),
)

TABLE = (*_DOORS, *PAGES, *API)
