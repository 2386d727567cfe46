#!/usr/bin/env python3
"""Writes the message catalogues from those of the projects that the API is compatible with.

    python3 -m venv venv
    venv/bin/pip install Django==5.2.19 djangorestframework==3.18.3 dj-rest-auth==7.2.0 \\
        django-allauth==65.21.1 djangorestframework-simplejwt==5.5.1
    venv/bin/python catalogues.py crates/domain/src/message crates/mail/templates

For every language of Django's, every sentence of `sentences.rs` is looked up as in a dj-rest-auth
project, with the same applications installed in the same order and the same fallbacks. simplejwt is
not among the installed applications, so its sentences stay English unless another one has them.
Translations of sentences that no project has, which the catalogues have already, stay.
"""

import pathlib
import re
import sys

import django
from django.apps import apps
from django.conf import global_settings, settings
from django.utils.translation import to_language, trans_real

DEFAULT = "en-us"
APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "rest_framework",
    "rest_framework.authtoken",
    "dj_rest_auth",
    "allauth",
    "allauth.account",
    "dj_rest_auth.registration",
    "allauth.socialaccount",
]

# Sentences that dj-rest-auth does not pass through gettext.
UNTRANSLATED = {
    "NoData", "CsrfFailed", "JsonParseError", "MultipartParseError", "UnsupportedCharset",
    "BodyTooLarge", "TimedOut", "Overloaded",
}
# Where dj-rest-auth names or prints a placeholder otherwise: ours, theirs.
PLACEHOLDERS = {
    "SurrogateCharacters": ("{code_point}", "{code_point:X}"),
    "PasswordTooSimilar": ("{attribute}", "%(verbose_name)s"),
    "TokenWithoutClaim": ("{claim}", "{}"),
}
# The one sentence with plural forms, and the numbers that tell them apart: every rule but for that
# of whole millions looks at small numbers or at the last two digits.
PLURAL = "PasswordTooShort"
PLURAL_NUMBERS = range(200)


def sentences(folder):
    """Key and English text of every sentence."""
    for name in ("sentences.rs", "parts.rs"):
        source = (folder / name).read_text(encoding="utf-8")
        source = source.partition("\nsentences! {")[2] or source
        source = re.sub(r"^\s*//.*$", "", source, flags=re.M)
        if name == "sentences.rs":
            pattern = r'(\w+)\s*(?:\{[^}]*\}\s*)?=\s*"((?:[^"\\]|\\.)*)"\s*;'
        else:
            pattern = r'Part::new\(\s*"([\w.]+)",\s*"((?:[^"\\]|\\.)*)",?\s*\)'
        for key, text in re.findall(pattern, source, flags=re.S):
            yield key, re.sub(r"\\\n\s*", "", text).replace('\\"', '"')


def find(translation, msgid):
    """The translation without the default language; None if there is none."""
    default = trans_real.translation(DEFAULT)
    while translation is not None and translation is not default:
        catalog = translation._catalog
        text = catalog.get(msgid)
        if text is None:
            text = catalog.get((msgid, translation.plural(1)))
        if text is not None:
            return text
        translation = translation._fallback
    return None


def plural_forms(translation, english):
    """The forms, and which of them each of PLURAL_NUMBERS takes as a text of digits.

    Without a rule the first form is for one and the last for everything else.
    """
    many = english.replace("{min_length}", "%d")
    one = many.replace("characters", "character")
    texts = [translation.ngettext(one, many, n) for n in PLURAL_NUMBERS]
    if set(texts) <= {one, many}:
        return None
    forms = list(dict.fromkeys(texts[1:] + texts[:1]))
    rule = "".join(str(forms.index(text)) for text in texts)
    usual = "".join(str(min(int(n != 1), len(forms) - 1)) for n in PLURAL_NUMBERS)
    return [form.replace("%d", "{min_length}") for form in forms], rule if rule != usual else None


def catalogue(code, table):
    """The lines of one language."""
    translation = trans_real.DjangoTranslation(code)
    lines = {}

    def add(key, text, english):
        strange = set(re.findall(r"\{.*?\}", text)) - set(re.findall(r"\{.*?\}", english))
        if strange or "%" in text or "\n" in text:
            sys.exit(f"{code}: {key}: cannot be used: {text!r}")
        if not (code.startswith("en") and text == english):
            lines[key] = text

    for key, english in table:
        if key in UNTRANSLATED:
            continue
        if key == PLURAL:
            forms = plural_forms(translation, english)
            if forms:
                if forms[1]:
                    lines[key] = forms[1]
                for index, form in enumerate(forms[0]):
                    add(f"{key}.{index}", form, english)
            continue
        ours, theirs = PLACEHOLDERS.get(key, ("", ""))
        text = find(translation, english.replace(ours, theirs) if ours else english)
        if text is not None:
            add(key, text.replace(theirs, ours) if ours else text, english)
    return "".join(f'{key} "{lines[key]}"\n' for key in sorted(lines))


def with_ours(text, old, table):
    """The lines of a language and, of those it had before, ours, which no project has."""
    lines = {line.split(" ")[0]: line for line in text.splitlines()}
    found = {key.split(".")[0] for key in lines}
    known = {key for key, _ in table}
    for line in old.splitlines():
        key = line.split(" ")[0]
        if key.split(".")[0] in known - found:
            lines[key] = line
    return "".join(f"{lines[key]}\n" for key in sorted(lines))


# The mails whose subjects are allauth's.
SUBJECTS = [
    ("email_confirmation", "Please Confirm Your Email Address"),
    ("password_reset_key", "Password Reset Email"),
]


def subjects(folder):
    """Writes allauth's subjects: into the templates of a language, else into one list."""
    lines = []
    for code in known_codes():
        translation = trans_real.DjangoTranslation(code)
        for kind, english in SUBJECTS:
            text = find(translation, english)
            if text is None or text == english:
                continue
            if "\n" in text or "{" in text:
                sys.exit(f"{code}: {kind}: cannot be used: {text!r}")
            template = folder / code / "account/email" / f"{kind}_subject.txt"
            if template.exists():
                template.write_text(text + "\n", encoding="utf-8")
            else:
                lines.append(f"{code} {kind} {text}\n")
    (folder / "subjects.txt").write_text("".join(lines), encoding="utf-8")


def known_codes():
    """Every language for which Django or an installed application has a catalogue."""
    folders = {
        file.parent.parent.name
        for path in trans_real.all_locale_paths()
        for file in pathlib.Path(path).glob("*/LC_MESSAGES/django.mo")
    }
    return sorted(to_language(folder) for folder in folders)


def rust_list(codes):
    lines, line = [], "   "
    for code in codes:
        item = f' "{code}",'
        if len(line) + len(item) > 100:
            lines.append(line)
            line = "   "
        line += item
    return "\n".join([*lines, line])


def main():
    folder = pathlib.Path(sys.argv[1])
    settings.configure(
        INSTALLED_APPS=APPS, LANGUAGE_CODE=DEFAULT, USE_I18N=True, SECRET_KEY="unused",
        MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
    django.setup()
    assert apps.ready
    table = list(sentences(folder))
    target = folder / "catalog"
    target.mkdir(exist_ok=True)
    old = {file.stem: file.read_text(encoding="utf-8") for file in target.glob("*.txt")}
    for code in old:
        (target / f"{code}.txt").unlink()
    entries = []
    for code in known_codes():
        text = with_ours(catalogue(code, table), old.get(code, ""), table)
        if text:
            (target / f"{code}.txt").write_text(text, encoding="utf-8")
            entries.append(f'    Catalogue::new("{code}", include_str!("catalog/{code}.txt")),')
        else:
            entries.append(f'    Catalogue::new("{code}", ""),')
    subjects(pathlib.Path(sys.argv[2]))
    offered = [code for code, _ in global_settings.LANGUAGES]
    (folder / "files.rs").write_text(
        "//! The languages. Written by `tools/catalogues.py`; do not edit.\n\n"
        "use super::catalogue::Catalogue;\n\n"
        "/// Every language for which Django or one of its packages has a catalogue, in order of the"
        " codes.\n"
        f"pub(super) static CATALOGUES: [Catalogue; {len(entries)}] = [\n"
        + "\n".join(entries) + "\n];\n\n"
        "/// Django's default for `LANGUAGES`, in its order.\n"
        "#[rustfmt::skip]\n"
        f"pub(crate) const DJANGO_LANGUAGES: [&str; {len(offered)}] = [\n"
        + rust_list(offered) + "\n];\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
