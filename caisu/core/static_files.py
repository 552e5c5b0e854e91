"""Static files under names that change with their content, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed names also where one of our own modules imports another.

    Django's ``support_js_module_import_aggregation`` would do the same to every file of everybody,
    the editor's minified bundle among them, in whose text it finds imports that are none.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        (
            "js/*.js",
            (
                (r"""(?P<matched>from "(?P<url>\./[\w./-]+\.js)";)""", 'from "%(url)s";'),
                (r"""(?P<matched>import "(?P<url>\./[\w./-]+\.js)";)""", 'import "%(url)s";'),
            ),
        ),
    )
