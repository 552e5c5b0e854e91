"""Provinces of home and languages spoken, as a profile offers them."""

from django.utils.translation import pgettext_lazy

# The second half of ISO 3166-2:CN, https://www.iso.org/obp/ui/#iso:code:3166:CN, in the order of Chinese official
# lists.
PROVINCES = [
    ("BJ", pgettext_lazy("province", "Beijing")),
    ("TJ", pgettext_lazy("province", "Tianjin")),
    ("HE", pgettext_lazy("province", "Hebei")),
    ("SX", pgettext_lazy("province", "Shanxi")),
    ("NM", pgettext_lazy("province", "Inner Mongolia")),
    ("LN", pgettext_lazy("province", "Liaoning")),
    ("JL", pgettext_lazy("province", "Jilin")),
    ("HL", pgettext_lazy("province", "Heilongjiang")),
    ("SH", pgettext_lazy("province", "Shanghai")),
    ("JS", pgettext_lazy("province", "Jiangsu")),
    ("ZJ", pgettext_lazy("province", "Zhejiang")),
    ("AH", pgettext_lazy("province", "Anhui")),
    ("FJ", pgettext_lazy("province", "Fujian")),
    ("JX", pgettext_lazy("province", "Jiangxi")),
    ("SD", pgettext_lazy("province", "Shandong")),
    ("HA", pgettext_lazy("province", "Henan")),
    ("HB", pgettext_lazy("province", "Hubei")),
    ("HN", pgettext_lazy("province", "Hunan")),
    ("GD", pgettext_lazy("province", "Guangdong")),
    ("GX", pgettext_lazy("province", "Guangxi")),
    ("HI", pgettext_lazy("province", "Hainan")),
    ("CQ", pgettext_lazy("province", "Chongqing")),
    ("SC", pgettext_lazy("province", "Sichuan")),
    ("GZ", pgettext_lazy("province", "Guizhou")),
    ("YN", pgettext_lazy("province", "Yunnan")),
    ("XZ", pgettext_lazy("province", "Tibet")),
    ("SN", pgettext_lazy("province", "Shaanxi")),
    ("GS", pgettext_lazy("province", "Gansu")),
    ("QH", pgettext_lazy("province", "Qinghai")),
    ("NX", pgettext_lazy("province", "Ningxia")),
    ("XJ", pgettext_lazy("province", "Xinjiang")),
    ("HK", pgettext_lazy("province", "Hong Kong")),
    ("MO", pgettext_lazy("province", "Macao")),
    ("TW", pgettext_lazy("province", "Taiwan")),
]

# ISO 639 codes.
LANGUAGES = [
    ("cmn", pgettext_lazy("spoken language", "Mandarin")),
    ("yue", pgettext_lazy("spoken language", "Cantonese")),
    ("wuu", pgettext_lazy("spoken language", "Wu (Shanghainese)")),
    ("nan", pgettext_lazy("spoken language", "Southern Min (Hokkien, Teochew)")),
    ("hak", pgettext_lazy("spoken language", "Hakka")),
    ("hsn", pgettext_lazy("spoken language", "Xiang (Hunanese)")),
    ("gan", pgettext_lazy("spoken language", "Gan")),
    ("bo", pgettext_lazy("spoken language", "Tibetan")),
    ("ug", pgettext_lazy("spoken language", "Uyghur")),
    ("mn", pgettext_lazy("spoken language", "Mongolian")),
    ("ko", pgettext_lazy("spoken language", "Korean")),
    ("ja", pgettext_lazy("spoken language", "Japanese")),
    ("en", pgettext_lazy("spoken language", "English")),
    ("es", pgettext_lazy("spoken language", "Spanish")),
]
