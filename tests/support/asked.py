"""A request for each address of the app, and what it is answered to who may. No tests here."""

import json

from bioklok.office.settings import usual
from bioklok.store.records import to_json
from bioklok.web import access_table as table
from support.school_web import MONDAY, WEEK, lesson
from support.synthetic import DEVICE_ID, JOURNAL_ID

V1 = table.V1
SHARE = {"part": ["presses"], "viewer": ["max"]}
SHARE_API = {"parts": ["presses"], "viewers": ["max"]}
DARK = {"dark_from": "21:00", "dark_until": "07:00", "wrist": "left"}
DARK_API = {"dark_from_min": 1260, "dark_until_min": 420, "wrist": "left", "has_glow": True}
INFO = {"device": DEVICE_ID, "journal": JOURNAL_ID, "boot": 0, "n_pages": 0, "oldest": 0, "next": 0}
SYNC = dict.fromkeys(("started_utc_s", "ended_utc_s", "frames", "bytes"), 0)
SYNC |= {"pages_new": 0, "epochs_new": 0, "result": "done", "info": INFO}
NOON = lesson(MONDAY.replace(day=24), 9, "wi").id
RULES = {"periods": "a 2026-08-01 2026-12-01 3", "notice_h": "12", "agreement": "mentor"}
RULES |= {"press_days_ahead": "0", "late_answer_d": "7", "hours": "1 08:30 09:20"}
RULES |= {"region": "noord", "raw_days": "42", "look_days": "365", "session_days": "90"}

# What who may is answered: (address, what is sent, statuses). In the order in which it is asked:
# what ends something stands last.
ASKED = {
    "GET /me": ("/me", None, {200}),
    "GET /me/weeks": ("/me/weeks", None, {200}),
    "GET /me/weeks/{week}": (f"/me/weeks/{WEEK}", None, {200}),
    "GET /me/weeks/{week}/report.pdf": (f"/me/weeks/{WEEK}/report.pdf", None, {200}),
    "GET /me/weeks/{week}/sharing": (f"/me/weeks/{WEEK}/sharing", None, {200}),
    "POST /me/weeks/{week}/sharing/preview": (
        f"/me/weeks/{WEEK}/sharing/preview",
        SHARE,
        {200, 422},
    ),
    "POST /me/weeks/{week}/sharing": (f"/me/weeks/{WEEK}/sharing", SHARE, {303, 422}),
    "POST /me/weeks/{week}/sharing/withdraw": (f"/me/weeks/{WEEK}/sharing/withdraw", {}, {303}),
    "GET /me/weeks/{week}/cards": (f"/me/weeks/{WEEK}/cards", None, {200}),
    "POST /me/weeks/{week}/cards": (f"/me/weeks/{WEEK}/cards", {}, {303}),
    "GET /me/hours": ("/me/hours", None, {200}),
    "GET /me/strips": ("/me/strips", None, {200}),
    "POST /me/strips": ("/me/strips", {"lesson": NOON, "form_id": "f"}, {303}),
    "POST /me/strips/reason": ("/me/strips/reason", {"request": "form:f"}, {303}),
    "POST /me/strips/withdraw": ("/me/strips/withdraw", {"request": "form:f"}, {303}),
    "GET /me/timetable": ("/me/timetable", None, {200}),
    "POST /me/timetable/feed": ("/me/timetable/feed", {"address": "https://x.example/"}, {422}),
    "POST /me/timetable/zermelo": ("/me/timetable/zermelo", {"portal": "a/b"}, {422}),
    "POST /me/timetable/file": ("/me/timetable/file", {}, {422}),
    "POST /me/timetable/forget": ("/me/timetable/forget", {}, {303}),
    "GET /me/bioklok": ("/me/bioklok", None, {200}),
    "POST /me/bioklok": ("/me/bioklok", DARK, {303, 404}),
    "POST /me/sharp": ("/me/sharp", {"sharp": "4"}, {303, 409}),
    "GET /me/data": ("/me/data", None, {200}),
    "GET /me/data/stop": ("/me/data/stop", None, {200}),
    "POST /me/data/consent": ("/me/data/consent", {"answer": "agrees"}, {303}),
    "POST /me/data/export": ("/me/data/export", {}, {200}),
    "GET /students": ("/students", None, {200}),
    "GET /students/{student_id}/weeks/{week}": (f"/students/noor/weeks/{WEEK}", None, {200, 404}),
    "GET /requests": ("/requests", None, {200}),
    "POST /requests": ("/requests", {"answer": "agree", "student": "noor", "request": "x"}, {404}),
    "GET /children": ("/children", None, {200}),
    "GET /children/{student_id}/stop": ("/children/noor/stop", None, {200}),
    "POST /children/{student_id}/consent": (
        "/children/noor/consent",
        {"answer": "agrees"},
        {303},
    ),
    "GET /school": ("/school", None, {200}),
    "POST /school/people": (
        "/school/people",
        {"id": "jan", "name": "Jan", "role": ["parent"]},
        {303},
    ),
    "GET /school/people/{person_id}": ("/school/people/noor", None, {200}),
    "POST /school/people/{person_id}": (
        "/school/people/noor",
        {"name": "Noor", "born": "2014-05-01"},
        {303},
    ),
    "POST /school/people/{person_id}/invite": ("/school/people/jan/invite", {}, {200}),
    "POST /school/people/{person_id}/ties": (
        "/school/people/noor/ties",
        {"adult": "jan", "role": "parent"},
        {303},
    ),
    "POST /school/people/{person_id}/strips": (
        "/school/people/noor/strips",
        {"strips": "1", "form_id": "f"},
        {303},
    ),
    "POST /school/people/{person_id}/close": ("/school/people/jan/close", {"sure": "yes"}, {303}),
    "GET /school/devices": ("/school/devices", None, {200}),
    "POST /school/devices": ("/school/devices", {"device": "00" * 8, "student": "sem"}, {303}),
    "GET /school/hubs": ("/school/hubs", None, {200}),
    "POST /school/hubs": ("/school/hubs", {"label": "zolder"}, {200}),
    "POST /school/hubs/revoke": ("/school/hubs/revoke", {"token": "0" * 64}, {404}),
    "GET /school/rules": ("/school/rules", None, {200}),
    "POST /school/rules": ("/school/rules", RULES, {303}),
    "GET /school/retention": ("/school/retention", None, {200}),
    "GET /school/absences": ("/school/absences", None, {200}),
    "GET /school/absences.csv": ("/school/absences.csv?day=2026-11-17", None, {200}),
    "GET /school/jobs": ("/school/jobs", None, {200}),
    "GET /school/tokens": ("/school/tokens", None, {200}),
    "POST /school/tokens": ("/school/tokens", {"label": "zolder", "purpose": "hub"}, {200}),
    "POST /school/tokens/revoke": ("/school/tokens/revoke", {"token": "0" * 64}, {404}),
    f"GET {V1}/session": (f"{V1}/session", None, {200}),
    f"GET {V1}/students/{{student_id}}/weeks/{{week}}": (
        f"{V1}/students/noor/weeks/{WEEK}",
        None,
        {200, 404},
    ),
    f"GET {V1}/me/today": (f"{V1}/me/today", None, {200, 404}),
    f"GET {V1}/me/weeks": (f"{V1}/me/weeks", None, {200}),
    f"GET {V1}/me/hours": (f"{V1}/me/hours", None, {200}),
    f"GET {V1}/me/weeks/{{week}}/report.pdf": (f"{V1}/me/weeks/{WEEK}/report.pdf", None, {200}),
    f"GET {V1}/me/weeks/{{week}}/sharing": (f"{V1}/me/weeks/{WEEK}/sharing", None, {200}),
    f"POST {V1}/me/weeks/{{week}}/sharing/preview": (
        f"{V1}/me/weeks/{WEEK}/sharing/preview",
        SHARE_API,
        {200, 404},
    ),
    f"POST {V1}/me/weeks/{{week}}/sharing": (
        f"{V1}/me/weeks/{WEEK}/sharing",
        SHARE_API,
        {204, 404},
    ),
    f"POST {V1}/me/sharing/withdraw": (f"{V1}/me/sharing/withdraw", {}, {204}),
    f"GET {V1}/me/weeks/{{week}}/cards": (f"{V1}/me/weeks/{WEEK}/cards", None, {200}),
    f"PUT {V1}/me/weeks/{{week}}/cards": (f"{V1}/me/weeks/{WEEK}/cards", {}, {204}),
    f"GET {V1}/me/strips": (f"{V1}/me/strips", None, {200}),
    f"POST {V1}/me/strips": (f"{V1}/me/strips", {"lesson": NOON, "form": "g"}, {201}),
    f"PUT {V1}/me/strips/reason": (f"{V1}/me/strips/reason", {"request": "form:g"}, {204}),
    f"POST {V1}/me/strips/withdraw": (f"{V1}/me/strips/withdraw", {"request": "form:g"}, {204}),
    f"GET {V1}/me/bioklok": (f"{V1}/me/bioklok", None, {200, 404}),
    f"PUT {V1}/me/bioklok": (f"{V1}/me/bioklok", DARK_API, {204, 404}),
    f"GET {V1}/me/grades": (f"{V1}/me/grades", None, {200}),
    f"POST {V1}/me/grades": (f"{V1}/me/grades", {"grade": 4}, {204, 409}),
    f"GET {V1}/me/looks": (f"{V1}/me/looks", None, {200}),
    f"GET {V1}/me/consent": (f"{V1}/me/consent", None, {200}),
    f"POST {V1}/me/consent": (f"{V1}/me/consent", {"answer": "agrees"}, {204}),
    f"POST {V1}/me/export": (f"{V1}/me/export", {}, {200}),
    f"GET {V1}/students": (f"{V1}/students", None, {200}),
    f"GET {V1}/requests": (f"{V1}/requests", None, {200}),
    f"POST {V1}/requests/answer": (
        f"{V1}/requests/answer",
        {"student": "noor", "request": "x", "agree": True},
        {404},
    ),
    f"GET {V1}/children": (f"{V1}/children", None, {200}),
    f"POST {V1}/children/{{student_id}}/consent": (
        f"{V1}/children/noor/consent",
        {"answer": "agrees"},
        {204},
    ),
    f"GET {V1}/school/people": (f"{V1}/school/people", None, {200}),
    f"POST {V1}/school/people": (
        f"{V1}/school/people",
        {"id": "piet", "name": "Piet", "roles": ["parent"]},
        {201},
    ),
    f"GET {V1}/school/people/{{person_id}}": (f"{V1}/school/people/noor", None, {200}),
    f"PUT {V1}/school/people/{{person_id}}": (
        f"{V1}/school/people/piet",
        {"name": "Pieter", "born": None},
        {200},
    ),
    f"POST {V1}/school/people/{{person_id}}/invite": (
        f"{V1}/school/people/piet/invite",
        {},
        {201},
    ),
    f"POST {V1}/school/people/{{person_id}}/ties": (
        f"{V1}/school/people/noor/ties",
        {"adult": "piet", "role": "parent"},
        {204},
    ),
    f"POST {V1}/school/people/{{person_id}}/ties/end": (
        f"{V1}/school/people/noor/ties/end",
        {"adult": "piet", "role": "parent"},
        {204},
    ),
    f"POST {V1}/school/people/{{person_id}}/strips": (
        f"{V1}/school/people/noor/strips",
        {"strips": 1, "form": "f"},
        {204},
    ),
    f"POST {V1}/school/people/{{person_id}}/close": (f"{V1}/school/people/piet/close", {}, {204}),
    f"GET {V1}/school/devices": (f"{V1}/school/devices", None, {200}),
    f"POST {V1}/school/devices": (f"{V1}/school/devices", {"device": "11" * 8}, {204}),
    f"GET {V1}/school/hubs": (f"{V1}/school/hubs", None, {200}),
    f"GET {V1}/school/settings": (f"{V1}/school/settings", None, {200}),
    f"PUT {V1}/school/settings": (
        f"{V1}/school/settings",
        json.loads(to_json(usual("oost", MONDAY))),
        {204},
    ),
    f"GET {V1}/school/jobs": (f"{V1}/school/jobs", None, {200}),
    f"GET {V1}/school/tokens": (f"{V1}/school/tokens", None, {200}),
    f"POST {V1}/school/tokens": (
        f"{V1}/school/tokens",
        {"purpose": "export", "label": "administratie"},
        {201},
    ),
    f"DELETE {V1}/school/tokens/{{token_id}}": (f"{V1}/school/tokens/{'0' * 64}", None, {404}),
    f"GET {V1}/school/absences": (f"{V1}/school/absences?day=2026-11-17", None, {200}),
    f"POST {V1}/sync/journals": (f"{V1}/sync/journals", INFO, {200}),
    f"POST {V1}/sync/pages": (f"{V1}/sync/pages", None, {422}),
    f"POST {V1}/sync/sessions": (f"{V1}/sync/sessions", SYNC, {200}),
    f"POST {V1}/me/erase": (f"{V1}/me/erase", {"sure": False}, {422}),
    "POST /me/data/erase": ("/me/data/erase", {"sure": "yes"}, {303}),
}
